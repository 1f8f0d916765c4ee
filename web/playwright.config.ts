import { existsSync } from 'node:fs';
import { defineConfig } from '@playwright/test';

// The real program, with its simulator, in Debian's Chromium (or what CHROMIUM names): the one without windows, if it is
// there, which takes a third less of the processor.
const chromium = process.env.CHROMIUM ?? ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium'].find(existsSync);
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
  // Bounds for what hangs, not expectations: how long a machine takes is asserted in the project speed alone.
  timeout: 300_000,
  expect: { timeout: 60_000, toPass: { timeout: 120_000 } },
  projects: [
    { name: 'pages', testIgnore: 'speed.spec.ts', grepInvert: /@alone/ }, // what make test runs
    // What is timed or long, by itself: make faults.
    { name: 'speed', testMatch: ['speed.spec.ts', 'layout.spec.ts'], grep: /speed\.spec|@alone/ },
  ],
  workers: 3, // they wait more than they work
  fullyParallel: true,
  retries: 0, // a test that passes only when it is tried again is red
  reporter: process.env.PLAYWRIGHT_JSON_OUTPUT_FILE ? [['json'], ['dot']] : [['list']],
  globalSetup: './e2e/setup.ts',
  use: {
    actionTimeout: 60_000,
    navigationTimeout: 60_000,
    browserName: 'chromium',
    launchOptions: { executablePath: chromium, args: flags },
    locale: 'pt-BR',
    timezoneId: 'America/Sao_Paulo',
    viewport: { width: 1280, height: 900 },
    screenshot: 'only-on-failure',
  },
});
