import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { errorText } from '../domain/errors.ts';
import { oneLine } from '../domain/sanitize.ts';
import { sleep } from './clock.ts';

const runner = fileURLToPath(new URL('run-script.sh', import.meta.url));
/** Bytes kept of the end of what the script writes for people: it may write what it likes. */
const maxWords = 4096;
/** What a script left behind may hold its output open (ms). */
const outputPatience = 2000;

export interface ScriptOptions {
  /** For `bash -eu -o pipefail`. */
  readonly script: string;
  /** What it reads on standard input. */
  readonly input: string;
  /** Beside PATH and HOME. */
  readonly environment: Readonly<Record<string, string>>;
  readonly timeout: number;
  /** The script ends this long (ms) after the last `hold`: it must be well before anybody else can begin. */
  readonly holdTime: number;
  /** Bytes of standard output that are its answer, more is an error; 0: it answers nothing, and writes there for people too. */
  readonly maxAnswer: number;
}

export type ScriptEnd =
  | { readonly ok: true; readonly answer: string }
  /** What went wrong, as one line. */
  | { readonly ok: false; readonly trouble: string };

/** A script at work where sidegate runs, in a process group of its own. It starts with the first `hold`. */
export interface ScriptRun<End = ScriptEnd> {
  /** Resolves, never rejects. */
  readonly done: Promise<End>;
  /** It may go on for another while. */
  hold(): void;
  /** Kills the script and everything it started, unless that made itself a session of its own. */
  stop(why: string): void;
}

export function startScript(options: ScriptOptions): ScriptRun {
  const child = spawn('bash', [runner, String(options.holdTime / 1000)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe', 'pipe'],
    env: { ...plainEnvironment(), ...options.environment },
  });
  const [claim, script] = [child.stdio[3] as Writable, child.stdio[4] as Writable];
  for (const stream of [child.stdin, claim, script]) stream.on('error', ignore);
  script.end(options.script);
  child.stdin.end(options.input);
  let stopped: string | undefined;
  const stop = (why: string) => {
    stopped ??= why;
    killGroup(child.pid);
  };
  const answer = options.maxAnswer > 0 ? keepHead(child.stdout, options.maxAnswer, stop) : () => '';
  const words = keepTail(options.maxAnswer > 0 ? [child.stderr] : [child.stdout, child.stderr]);
  const timer = setTimeout(() => stop(`it takes longer than ${options.timeout} ms`), options.timeout);

  const end = async (): Promise<ScriptEnd> => {
    try {
      const closed = once(child, 'close').catch(ignore);
      const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      killGroup(child.pid);
      await Promise.race([closed, sleep(outputPatience)]);
      if (status === 0 && stopped === undefined) return { ok: true, answer: answer() };
      return failed(stopped ?? (status === null ? `killed by ${signal}` : `exit status ${status}`), words());
    } catch (error) {
      return failed(`the script could not be started: ${errorText(error)}`, '');
    } finally {
      clearTimeout(timer);
      for (const stream of [child.stdin, child.stdout, child.stderr, claim, script]) stream.destroy();
    }
  };
  return {
    done: end(),
    hold: () => {
      if (claim.writable) claim.write('\n');
    },
    stop,
  };
}

/** Of sidegate's own environment nothing but what programs cannot do without: it may hold secrets. */
export function plainEnvironment(): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return { ...(PATH === undefined ? {} : { PATH }), ...(HOME === undefined ? {} : { HOME }) };
}

function keepHead(stream: Readable, max: number, stop: (why: string) => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('error', ignore);
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= max) chunks.push(chunk);
    else stop(`it writes more than ${max} bytes to standard output`);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Reads everything, keeps the end. */
function keepTail(streams: readonly Readable[]): () => string {
  let tail = Buffer.alloc(0);
  for (const stream of streams) {
    stream.on('error', ignore);
    stream.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-maxWords);
    });
  }
  return () => tail.toString('utf8');
}

function failed(what: string, output: string): ScriptEnd {
  const words = oneLine(output.slice(-maxWords), maxWords).slice(-800);
  return { ok: false, trouble: words === '' ? what : `${what}; its output ends with: ${words}`.toWellFormed() };
}

/** The group of the script is there for as long as its watch is. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Already gone.
  }
}

function ignore(): void {
  // The other end is gone; the exit status tells more.
}
