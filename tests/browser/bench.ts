// Looks at a running fleet and writes down what the page says of itself.

import { writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';

interface Figures {
  hosts: () => number;
  frames: () => number;
  frame_p95: () => number | null;
  frame_p50: () => number | null;
  latency: () => { p50: number; p99: number; count: number } | null;
}

test('figures', async ({ page }) => {
  const { CPUMONITOR_URL: url = '', CPUMONITOR_ANSWER: answer = '' } = process.env;
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(url);
  const figures = () =>
    page.evaluate(() => {
      const own = (window as unknown as { __cpumonitor?: Figures }).__cpumonitor;
      return {
        frames: own?.frames() ?? 0,
        frame_p95: own?.frame_p95() ?? null,
        frame_p50: own?.frame_p50() ?? null,
        latency: own?.latency() ?? null,
      };
    });
  // A minute's worth of frames at ten a second is remembered; half of it is plenty.
  await expect.poll(async () => (await figures()).frames, { timeout: 55_000 }).toBeGreaterThan(300);
  writeFileSync(answer, JSON.stringify(await figures()));
});
