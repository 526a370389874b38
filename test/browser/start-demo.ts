import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';

export interface Demo {
  readonly directory: string;
  readonly statusUrl: string;
  readonly gerritUrl: string;
  /** What it has said to the terminal so far. */
  words(): string;
  /** The one-line command that the demo names. */
  recheck(change: number): Promise<void>;
  /** Stops all of it and deletes its files; names the programs that ran on. */
  stop(): Promise<readonly string[]>;
}

const readyLine = z.object({ ready: z.literal(true), statusUrl: z.url(), gerritUrl: z.url() });
const readyLimit = 300_000;
/** Longer than the demo itself waits for its servers. */
const stopLimit = 90_000;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Starts the demo in a folder of its own and waits until it says, in one JSON line, where it is. */
export async function startDemo(): Promise<Demo> {
  const folder = await mkdtemp(join(tmpdir(), 'sidegate-browser-'));
  const directory = join(folder, 'demo');
  const command = (...args: string[]) => ['src/main.ts', 'demo', '--directory', directory, ...args];
  const child = spawn(process.execPath, command('--json'), { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
  const stop = async () => {
    await end(child);
    const left = await programsOf(directory);
    await rm(folder, { recursive: true, force: true });
    return left;
  };
  try {
    const { statusUrl, gerritUrl } = await ready(child);
    child.stdout.resume();
    return {
      directory,
      statusUrl: statusUrl.replace(/\/$/, ''),
      gerritUrl: gerritUrl.replace(/\/$/, ''),
      words: () => words,
      recheck: async (change) => {
        await promisify(execFile)(process.execPath, command('--recheck', String(change)), { cwd: root });
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw new Error(`the demo did not start:\n${words}`, { cause: error });
  }
}

function ready(child: ChildProcess): Promise<z.infer<typeof readyLine>> {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('the demo did not become ready in time')), readyLimit);
    const over = (reason: Error) => {
      clearTimeout(late);
      reject(reason);
    };
    child.once('error', over);
    child.once('exit', (code) => over(new Error(`the demo ended with status ${code} before it was ready`)));
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
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const ended = once(child, 'exit');
  const kill = setTimeout(() => child.kill('SIGKILL'), stopLimit);
  child.kill('SIGINT');
  await ended;
  clearTimeout(kill);
}

/** Command lines of all processes that name the folder or work in it. */
async function programsOf(directory: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid);
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return lines.map((line) => line.replaceAll('\0', ' ').trim()).filter((line) => line.includes(directory));
}
