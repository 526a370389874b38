import { chromium } from 'playwright-core';
import { backendChecks } from './backend-checks.ts';
import type { Bench, Check } from './bench.ts';
import { openPage } from './bench.ts';
import { findChromium } from './find-chromium.ts';
import { holdChecks } from './hold-checks.ts';
import { hostileChecks } from './hostile-checks.ts';
import { liveChecks } from './live-checks.ts';
import { pageChecks } from './page-checks.ts';
import { reportChecks } from './report-checks.ts';
import { searchChecks } from './search-checks.ts';
import { viewerChecks } from './viewer-checks.ts';
import { startDemo } from './start-demo.ts';
import type { Demo } from './start-demo.ts';

// Looks at the demo in a real Chromium. `--save-screenshots` writes the pictures of the README.

const checks: readonly Check[] = [
  ...liveChecks,
  ...hostileChecks,
  ...holdChecks,
  ...backendChecks,
  ...reportChecks,
  ...viewerChecks,
  ...searchChecks,
  ...pageChecks,
];
const quiet = [
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function main(): Promise<number> {
  const executablePath = findChromium();
  if (executablePath === undefined) {
    console.log('failed  there is no Chromium: install one, or name it in CHROMIUM');
    return checks.length;
  }
  const demo = await startDemo();
  const stop = onlyOnce(() => demo.stop());
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => void stop().finally(() => process.exit(1)));
  let failed: number;
  try {
    failed = await lookAt(demo, executablePath);
  } finally {
    await stop();
  }
  const left = await stop();
  return failed + report('the demo stops and leaves nothing running', left.length === 0, left.join('\n'));
}

async function lookAt(demo: Demo, executablePath: string): Promise<number> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', ...quiet], timeout: 120_000 });
  try {
    const complaints: string[] = [];
    const status = await openPage({ browser, complaints }, demo.statusUrl);
    const saveScreenshots = process.argv.includes('--save-screenshots');
    return await runChecks({ browser, demo, complaints, status, saveScreenshots });
  } finally {
    await browser.close();
  }
}

async function runChecks(bench: Bench): Promise<number> {
  let failed = 0;
  for (const check of checks) {
    const problem = await check.run(bench).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    failed += report(check.name, problem === undefined, problem ?? '');
  }
  if (failed > 0) console.log(`\nThe demo said:\n${bench.demo.words().slice(-6000)}`);
  return failed;
}

function report(name: string, holds: boolean, problem: string): number {
  console.log(holds ? `ok      ${name}` : `failed  ${name}\n${problem}`);
  return holds ? 0 : 1;
}

function onlyOnce<T>(action: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= action());
}

const all = checks.length + 1;
const failed = await main().catch((error: unknown) => {
  console.log(`failed  ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return all;
});
console.log(`${Math.max(0, all - failed)} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
