// How it looks and whether everybody can use it: axe in both themes, and pictures for the eye.

import { expect, expectAccessible, picture, row, rows, test } from './support.ts';

const sizes = [
  { name: 'desktop', width: 1440, height: 900 },
  { name: 'phone', width: 390, height: 844 },
];

for (const theme of ['dark', 'light'] as const) {
  for (const size of sizes) {
    test(`${theme} on a ${size.name}: first run, fleet and host page`, async ({ page, fleet }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
      await page.setViewportSize(size);
      const keep = (name: string) => picture(page, `${name}-${theme}-${size.name}`);

      await page.goto(fleet.url);
      await expect(page.getByTestId('first-run')).toBeVisible();
      await expectAccessible(page);
      await keep('0-hosts');

      fleet.agent('this-machine');
      await expect(row(page, 'this-machine')).toBeVisible();
      await keep('1-host');

      fleet.swarm(200, '5m');
      await expect(page.getByTestId('host-count')).toContainText('201');
      await page.reload(); // a new page asks for the past, and has no first run to show
      // Until the past has come over and been drawn.
      const drawn = () => page.evaluate(() => (window as any).__cpumonitor?.latency().count ?? 0);
      await expect.poll(drawn, { timeout: 20_000 }).toBeGreaterThan(1_500);
      await expectAccessible(page);
      await keep('200-hosts');

      await page.getByTestId('filter-input').fill('cpu > 50% and mem > 20%');
      await expect(page.getByTestId('host-count')).not.toContainText(/^201/);
      await keep('filtered');
      await page.getByTestId('filter-input').fill('cpu > 100%');
      await expect(rows(page)).toHaveCount(0);
      await expectAccessible(page);
      await keep('nothing-matches');

      await page.getByTestId('filter-input').fill('web-');
      await rows(page).first().getByRole('link').click();
      const chart = page.getByTestId('chart-cpu');
      await expect.poll(async () => Number(await chart.getAttribute('data-points'))).toBeGreaterThan(8);
      await expectAccessible(page);
      await keep('host');

      await fleet.killServer();
      await expect(page.getByTestId('link-badge')).toHaveAttribute('data-state', 'reconnecting');
      await keep('host-disconnected');
    });
  }
}
