import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installationIn, killDaemon } from './gerrit/daemon.ts';
import { startGerrit } from './gerrit/start-gerrit.ts';
import { stopTestServer } from '../test/test-database.ts';

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

// `npm run test:lab [-- vitest's arguments]`
const folder = await mkdtemp(join(tmpdir(), 'sidegate-lab-'));
let counts: Counts = { passed: 0, failed: 1 };
let tests: ChildProcess | undefined;
// Vitest gets Ctrl-C too and ends, a SIGTERM it is handed; then we go on to the cleaning.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => tests?.kill('SIGTERM'));
try {
  counts = await runTests(folder, process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  await killDaemon(installationIn(join(folder, 'gerrit')));
  await stopTestServer();
  await rm(folder, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

async function runTests(work: string, args: readonly string[]): Promise<Counts> {
  console.log('Starting a real Gerrit (some minutes the first time: it is downloaded and seeded) …');
  const gerrit = await startGerrit({ root: join(work, 'gerrit') });
  console.log(`Gerrit ${gerrit.java.gerrit} on Java ${gerrit.java.major} at ${gerrit.url}, SSH port ${gerrit.sshPort}`);

  const report = join(work, 'report.json');
  const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
  const config = join(import.meta.dirname, 'vitest.config.ts');
  const options = [
    'run',
    '--config',
    config,
    '--root',
    join(import.meta.dirname, '..'),
    '--reporter=default',
    '--reporter=json',
  ];
  const child = spawn(process.execPath, [vitest, ...options, `--outputFile.json=${report}`, ...args], {
    stdio: 'inherit',
    env: { ...process.env, GERRIT_LAB: JSON.stringify(gerrit) },
  });
  tests = child;
  const [status] = (await once(child, 'exit')) as [number | null];
  return countTests(report, status === 0);
}

/** A file that cannot even be loaded has no failed test; it counts as one. */
function countTests(report: string, good: boolean): Counts {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8')) as Record<string, number>;
  const failed = numFailedTests ?? 0;
  return { passed: numPassedTests ?? 0, failed: good ? failed : Math.max(1, failed) };
}
