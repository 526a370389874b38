import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

export interface Demo {
  readonly statusUrl: string;
  readonly gerritUrl: string;
  stop(): Promise<void>;
}

const readyLine = z.object({ ready: z.literal(true), statusUrl: z.url(), gerritUrl: z.url() });
const readyLimit = 180_000;
const stopLimit = 30_000;
/** DEMO_COMMAND: another command that prints such a line, its words separated by blanks. */
const command = process.env['DEMO_COMMAND']?.split(' ') ?? [
  process.execPath,
  'src/main.ts',
  'demo',
  '--port',
  '0',
  '--json-ready',
];

/** Starts the demo and waits until it says on standard output, in one JSON line, where it is. */
export async function startDemo(): Promise<Demo> {
  const [program = '', ...args] = command;
  const cwd = fileURLToPath(new URL('../..', import.meta.url));
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const { statusUrl, gerritUrl } = await ready(child);
    child.stdout.resume();
    return { statusUrl: statusUrl.replace(/\/$/, ''), gerritUrl, stop: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

function ready(child: ChildProcess): Promise<z.infer<typeof readyLine>> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the demo did not become ready in time')), readyLimit);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the demo ended with status ${code} before it was ready`)));
    if (child.stdout === null) return;
    createInterface({ input: child.stdout }).on('line', (line) => {
      const parsed = readyLine.safeParse(jsonOf(line));
      if (!parsed.success) return;
      clearTimeout(late);
      resolve(parsed.data);
    });
  });
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Asks first, so that the demo takes its servers along. */
function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve();
    const kill = setTimeout(() => child.kill('SIGKILL'), stopLimit);
    child.once('exit', () => {
      clearTimeout(kill);
      resolve();
    });
    child.kill('SIGINT');
  });
}
