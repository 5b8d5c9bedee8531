// The fleet page against the real server: what a person sees, held against what the API says.

import { expect, type Host, rows, row, test } from './support.ts';

const cpu = (hosts: Host[], name: string) => hosts.find((host) => host.name === name)?.readings.cpu;

test('first run: the page waits with a command, and the host appears by itself', async ({ page, fleet }) => {
  await page.goto(fleet.url);
  const help = page.getByTestId('first-run');
  await expect(help).toBeVisible();
  await expect(help).toContainText(`--server ws://127.0.0.1:${fleet.port}`);

  fleet.agent('alpha');
  await expect(row(page, 'alpha')).toBeVisible();
  await expect(page.getByTestId('host-count')).toContainText('1');
});

test('the numbers in the table are the numbers of the API, and they move', async ({ page, fleet }) => {
  fleet.agent('alpha');
  fleet.swarm(1);
  await page.goto(fleet.url);
  await expect(rows(page)).toHaveCount(2);

  const shown = async (name: string) => Number(await row(page, name).getAttribute('data-cpu'));
  const agreement = async (name: string) =>
    Math.abs((await shown(name)) - 100 * (cpu(await fleet.hosts(), name) ?? -1));
  await expect.poll(() => agreement('alpha'), { message: 'shown is what the API says' }).toBeLessThan(0.051);

  // This machine may be busy with nothing but 100 %; a simulated host never stands still.
  const other = (await fleet.hosts()).find((host) => host.name !== 'alpha')?.name ?? '';
  const before = await shown(other);
  await expect.poll(() => shown(other), { message: 'the number moves' }).not.toBe(before);
  await expect.poll(() => agreement(other), { message: 'and still agrees' }).toBeLessThan(0.051);
});

test('filtering by slider is filtering by text', async ({ page, fleet }) => {
  // One sample in 100 s: the fleet stands nearly still, so that page and API speak of the same one.
  fleet.swarm(40, '5m', 0.01);
  await page.goto(fleet.url);
  const count = page.getByTestId('host-count');
  await expect(count).toContainText('40');

  const slider = page.getByTestId('threshold-slider');
  await slider.focus();
  await slider.press('Home');
  for (let step = 0; step < 50; step++) await slider.press('ArrowRight');
  const input = page.getByTestId('filter-input');
  await expect(input).toHaveValue(/^cpu [>≥]=? \d+%$/);
  const text = await input.inputValue();

  const names = (hosts: Host[]) => hosts.map((host) => host.name).sort();
  const agree = async () => {
    // Rows that ceased to match stay a few seconds, marked as leaving.
    const matching = page.locator('[data-testid=host-row][data-state=matching]');
    const shown = (await matching.evaluateAll((all) => all.map((one) => one.getAttribute('data-host')))).sort();
    const asked = (await fleet.hosts(text)).map((host) => host.id).sort();
    return JSON.stringify(shown) === JSON.stringify(asked);
  };
  await expect.poll(agree, { message: `the rows are those of q=${text}` }).toBe(true);
  expect(names(await fleet.hosts(text)).length).toBeLessThan(40);

  const position = await slider.inputValue();
  await input.fill('');
  await expect(count).toContainText('40');
  await input.fill(text);
  await expect(slider).toHaveValue(position);
  await expect.poll(agree, { message: 'typed, it means the same' }).toBe(true);
});

test('a filter that makes no sense says where and why, and hides nothing', async ({ page, fleet }) => {
  fleet.swarm(3);
  await page.goto(fleet.url);
  await expect(rows(page)).toHaveCount(3);
  await page.getByTestId('filter-input').fill('cpuu > 5');
  await expect(page.getByTestId('filter-error')).toContainText('did you mean `cpu`?');
  await expect(rows(page)).toHaveCount(3);
});

test('the URL holds the state, and going back works', async ({ page, fleet }) => {
  fleet.swarm(5);
  await page.goto(`${fleet.url}/?q=cpu+%3E%3D+0%25&s=name`);
  await expect(page.getByTestId('filter-input')).toHaveValue('cpu >= 0%');
  await expect(rows(page)).toHaveCount(5);
  await rows(page).first().getByRole('link').click();
  await expect(page).toHaveURL(/\/host\/[0-9a-f]{32}/);
  await page.goBack();
  await expect(page.getByTestId('filter-input')).toHaveValue('cpu >= 0%');
});

test('a server that dies and comes back: never blank, and live again by itself', async ({ page, fleet }) => {
  fleet.agent('alpha');
  await page.goto(fleet.url);
  await expect(row(page, 'alpha')).toBeVisible();
  const badge = page.getByTestId('link-badge');
  await expect(badge).toHaveAttribute('data-state', 'live');

  const port = fleet.port;
  await fleet.killServer();
  await expect(badge).toHaveAttribute('data-state', 'reconnecting');
  await expect(row(page, 'alpha')).toBeVisible();

  await fleet.serve(port);
  await expect(badge).toHaveAttribute('data-state', 'live', { timeout: 40_000 });
  await expect(row(page, 'alpha')).toHaveAttribute('data-status', 'live', { timeout: 40_000 });
});

test('an agent that is killed goes stale, then down; one that is stopped says so', async ({ page, fleet }) => {
  const killed = fleet.agent('killed');
  const stopped = fleet.agent('stopped');
  await page.goto(fleet.url);
  await expect(rows(page)).toHaveCount(2);
  await stopped.end('SIGTERM');
  await expect(row(page, 'stopped')).toHaveAttribute('data-status', 'stopped');
  await killed.end('SIGKILL');
  await expect(row(page, 'killed')).toHaveAttribute('data-status', 'stale');
  await expect(row(page, 'killed')).toHaveAttribute('data-status', 'down', { timeout: 20_000 });
});

test('the client of 2018 is a host like any other', async ({ page, fleet }) => {
  await page.goto(fleet.url);
  await fleet.client2018('CPU usages from client2: 12.5%');
  await expect(row(page, 'client2')).toHaveAttribute('data-cpu', '12.5');
  await page.getByTestId('filter-input').fill('cpu > 12%');
  await expect(row(page, 'client2')).toBeVisible();
  await page.getByTestId('filter-input').fill('cpu > 13%');
  await expect(rows(page)).toHaveCount(0);
});
