import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { openSync } from 'node:fs';

/** A program of ours that says on its first line of standard output, as JSON, that it is ready and where. */
export interface Child<Ready> {
  readonly ready: Ready;
  readonly process: ChildProcess;
  /** Settles when the process is over. */
  readonly ended: Promise<void>;
  /** Asks it to stop, and makes it after a while. */
  stop(): Promise<void>;
}

export interface ChildOptions {
  /** What is said when it does not start. */
  readonly name: string;
  /** Path of the TypeScript program, then its arguments. */
  readonly command: readonly string[];
  /** File for its standard error. */
  readonly logFile: string;
  readonly env?: NodeJS.ProcessEnv;
}

const stopPatience = 25_000;

/**
 * Starts a program in a process group of its own (a Ctrl-C in the terminal must not reach it before its turn) and holds its standard
 * input: when this process dies, however, the other end closes and the child ends by itself.
 */
export async function startChild<Ready>(options: ChildOptions): Promise<Child<Ready>> {
  const child = spawn(process.execPath, [...options.command], {
    stdio: ['pipe', 'pipe', openSync(options.logFile, 'a')],
    detached: true,
    env: { ...process.env, ...options.env },
  });
  const ended = once(child, 'exit').then(() => {});
  const line = await firstLine(child, ended);
  if (line === undefined) throw new Error(`${options.name} did not start; see ${options.logFile}`);
  child.stdout!.resume();
  return {
    ready: JSON.parse(line) as Ready,
    process: child,
    ended,
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), stopPatience);
      await ended;
      clearTimeout(patience);
    },
  };
}

async function firstLine(child: ChildProcess, ended: Promise<void>): Promise<string | undefined> {
  const lines = createInterface({ input: child.stdout! });
  const line = await Promise.race([once(lines, 'line').then(([text]) => text as string), ended.then(() => undefined)]);
  lines.close();
  return line;
}
