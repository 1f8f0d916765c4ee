import { defineConfig } from '@playwright/test';

// The real program, with its simulator, in Debian's Chromium (or what CHROMIUM names).
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export default defineConfig({
  testDir: 'e2e',
  timeout: 120_000, // a busy machine of two cores draws each page nine times
  expect: { timeout: 10_000 },
  projects: [
    { name: 'together', testIgnore: 'speed.spec.ts' },
    { name: 'alone', testMatch: 'speed.spec.ts', dependencies: ['together'] }, // what is timed; by itself: --project alone --no-deps
  ],
  workers: 3, // they wait more than they work
  fullyParallel: true,
  retries: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? 1 : 0, // in the whole run; who needed the second try is named in its report
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['json']] : [['list']],
  globalSetup: './e2e/setup.ts',
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags },
    locale: 'pt-BR',
    timezoneId: 'America/Sao_Paulo',
    viewport: { width: 1280, height: 900 },
    screenshot: 'only-on-failure',
  },
});
