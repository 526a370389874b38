import { chromium } from 'playwright-core';
import { checks, openPage } from './checks.ts';
import type { Bench } from './checks.ts';
import { findChromium } from './find-chromium.ts';
import { startDemo } from './start-demo.ts';

// Looks at the demo in a real Chromium. `--save-screenshots` writes the pictures of the README.

const quiet = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function main(): Promise<boolean> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    console.log('There is no Chromium: install one, or name it in CHROMIUM.\n0 passed, 1 failed');
    return false;
  }
  const demo = await startDemo();
  try {
    const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...quiet] });
    try {
      const complaints: string[] = [];
      const status = await openPage({ browser, complaints }, demo.statusUrl);
      await status.waitForLoadState('load');
      let loads = 1;
      status.on('load', () => (loads += 1));
      return await runChecks({
        browser,
        demo,
        complaints,
        status,
        loads: () => loads,
        saveScreenshots: process.argv.includes('--save-screenshots'),
      });
    } finally {
      await browser.close();
    }
  } finally {
    await demo.stop();
  }
}

async function runChecks(bench: Bench): Promise<boolean> {
  let failed = 0;
  for (const check of checks) {
    try {
      await check.run(bench);
      console.log(`ok      ${check.name}`);
    } catch (error) {
      failed += 1;
      console.log(`failed  ${check.name}\n${String(error)}`);
    }
  }
  console.log(`${checks.length - failed} passed, ${failed} failed`);
  return failed === 0;
}

process.exitCode = (await main()) ? 0 : 1;
