import { defineConfig } from '@playwright/test';

/** Against the real host with the page that was built: see browser/harness.ts. */
export default defineConfig({
  testDir: 'browser',
  testMatch: '*.spec.ts',
  outputDir: 'browser/results/failed',
  // Deadlines, for two cores with other work beside: what is well takes a tenth of them.
  timeout: 150_000,
  expect: { timeout: 30_000 },
  workers: 2,
  fullyParallel: false,
  retries: 0,
  reporter: [['list']],
  use: {
    browserName: 'chromium',
    viewport: { width: 1440, height: 860 },
    locale: 'en-GB',
    timezoneId: 'Asia/Riyadh',
    colorScheme: 'light',
    contextOptions: { reducedMotion: 'reduce' },
    trace: 'off',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--force-color-profile=srgb'],
    },
  },
});
