// The host page: charts that move, held against `/api/v1/series`.

import { expect, row, test } from './support.ts';

test('the graph moves, and its last point is the last of the series', async ({ page, fleet }) => {
  fleet.agent('alpha');
  await page.goto(fleet.url);
  await row(page, 'alpha').getByRole('link').click();
  const chart = page.getByTestId('chart-cpu');
  await expect(chart).toBeVisible();

  const points = async () => Number(await chart.getAttribute('data-points'));
  const first = await points();
  await expect.poll(points, { message: 'points are added' }).toBeGreaterThan(first + 1);

  const id = /[0-9a-f]{32}/.exec(page.url())?.[0];
  const last = async () => {
    const answer = await fetch(`${fleet.url}/api/v1/series?host=${id}&metric=cpu&from=-10s`);
    const { series } = (await answer.json()) as { series: { instance: string; points: [number, number | null][] }[] };
    return series.find((one) => one.instance === '')?.points.at(-1)?.[1];
  };
  const shown = async () => Number(/total ([\d.]+)%/.exec((await chart.getAttribute('data-now')) ?? '')?.[1]);
  const agreement = async () => Math.abs((await shown()) - 100 * ((await last()) ?? -1));
  await expect.poll(agreement, { message: 'the chart ends where the series ends' }).toBeLessThan(0.051);
});

test('a host nobody knows is told apart from one that is silent', async ({ page, fleet }) => {
  await page.goto(`${fleet.url}/host/${'0'.repeat(32)}`);
  const missing = page.getByTestId('host-page');
  await expect(missing).toHaveAttribute('data-known', 'false');
  await missing.getByRole('link').click();
  await expect(page).toHaveURL(`${fleet.url}/`);
});
