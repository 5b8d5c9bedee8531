import { defineConfig } from '@playwright/test';

// `cargo xtask test` sets these; by hand the release build and an installed Chromium are used.
const artifacts = process.env.CPUMONITOR_ARTIFACTS ?? '../../target/browser';
const chromium = process.env.CPUMONITOR_CHROMIUM ?? '/usr/bin/chromium';

export default defineConfig({
  testDir: '.',
  outputDir: `${artifacts}/failures`,
  // A flaky test is a bug with a name: nothing is tried twice.
  retries: 0,
  forbidOnly: true,
  // One at a time: each test owns a server, and two cores draw one browser well.
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  globalTimeout: 10 * 60_000,
  // xtask counts the tests from results.json.
  reporter: [['list'], ['json', { outputFile: `${artifacts}/results.json` }]],
  use: {
    headless: true,
    viewport: { width: 1280, height: 800 },
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: chromium,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
});
