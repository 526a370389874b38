import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readVitestReport, runAgainIfFailed } from '../test/vitest-report.ts';
import type { VitestRun } from '../test/vitest-report.ts';

/** The README's own test command for `.ci/run`: what failed is run once more, and said so. Ends with `N passed, N failed`. */
const folder = await mkdtemp(join(tmpdir(), 'ci-test-'));
try {
  const { failed, passed } = await runAgainIfFailed(npmTest, console.log);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function npmTest(files: readonly string[]): Promise<VitestRun> {
  const report = join(folder, 'vitest.json');
  const options = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn('npm', ['test', '--', ...options, ...files], { stdio: 'inherit' });
  await once(child, 'exit');
  return readVitestReport(report);
}
