import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readVitestReport } from '../test/vitest-report.ts';
import type { VitestRun } from '../test/vitest-report.ts';

const root = join(import.meta.dirname, '..');
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const config = join(import.meta.dirname, 'vitest.config.ts');

interface VitestOptions {
  /** Files, and whatever else vitest takes. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Where vitest writes its report. */
  readonly report: string;
  readonly signal: AbortSignal;
}

/** Vitest on tests of the lab. What it prints comes in whole lines, as another may print beside it. */
export async function runVitest({ args, env, report, signal }: VitestOptions): Promise<VitestRun> {
  signal.throwIfAborted();
  await rm(report, { force: true });
  const options = ['--config', config, '--root', root, '--reporter=default', '--reporter=json'];
  const child = spawn(process.execPath, [vitest, 'run', ...options, `--outputFile.json=${report}`, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
  });
  const stop = () => child.kill('SIGTERM');
  signal.addEventListener('abort', stop, { once: true });
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => console.log(line));
  await once(child, 'close');
  signal.removeEventListener('abort', stop);
  signal.throwIfAborted();
  return readVitestReport(report);
}
