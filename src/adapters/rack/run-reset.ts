import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { errorText } from '../../domain/errors.ts';
import { oneLine } from '../../domain/sanitize.ts';
import type { RackHost, RackSettings } from '../../domain/settings.ts';
import { claimTime } from '../../ports/rack-hosts.ts';
import { sleep } from '../../shared/clock.ts';

const guard = fileURLToPath(new URL('reset-host.sh', import.meta.url));
/** The script ends this long after the last `hold`: well before anybody else can have the host. */
const holdSeconds = claimTime / 2000;
/** Bytes kept of the end of the script's output: the host may write what it likes. */
const maxOutput = 4096;
/** What a script left behind may hold its output open (ms). */
const outputPatience = 500;

/** The reset script at work for one host. It starts with the first `hold`. */
export interface ResetRun {
  /** Resolves, never rejects: undefined when the host is as new, else what went wrong, as one line. */
  readonly done: Promise<string | undefined>;
  /** The host is ours for another while. */
  hold(): void;
  /** Kills the script and everything it started, unless that made itself a session of its own. */
  stop(why: string): void;
}

export function startReset(rack: Pick<RackSettings, 'reset' | 'resetTimeout'>, host: RackHost): ResetRun {
  const child = spawn('bash', [guard, String(holdSeconds)], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    env: environmentFor(host),
  });
  const claim = child.stdio[3] as Writable;
  for (const stream of [child.stdin, claim]) stream.on('error', ignore);
  child.stdin.end(rack.reset);
  const output = keepTail([child.stdout, child.stderr]);
  let stopped: string | undefined;
  const stop = (why: string) => {
    stopped ??= why;
    killGroup(child.pid);
  };
  const timer = setTimeout(() => stop(`it takes longer than ${rack.resetTimeout} ms`), rack.resetTimeout);

  const end = async (): Promise<string | undefined> => {
    try {
      const closed = once(child, 'close').catch(ignore);
      const [status, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
      killGroup(child.pid);
      await Promise.race([closed, sleep(outputPatience)]);
      if (status === 0 && stopped === undefined) return undefined;
      return describe(stopped ?? (status === null ? `killed by ${signal}` : `exit status ${status}`), output());
    } catch (error) {
      return describe(`the reset script could not be started: ${errorText(error)}`, '');
    } finally {
      clearTimeout(timer);
      for (const stream of [child.stdin, child.stdout, child.stderr, claim]) stream.destroy();
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
function environmentFor({ name, address }: RackHost): NodeJS.ProcessEnv {
  const { PATH, HOME } = process.env;
  return {
    ...(PATH === undefined ? {} : { PATH }),
    ...(HOME === undefined ? {} : { HOME }),
    SIDEGATE_HOST: name,
    SIDEGATE_ADDRESS: address,
  };
}

/** Reads everything, keeps the end. */
function keepTail(streams: readonly Readable[]): () => string {
  let tail = Buffer.alloc(0);
  for (const stream of streams) {
    stream.on('error', ignore);
    stream.on('data', (chunk: Buffer) => {
      tail = Buffer.concat([tail, chunk]).subarray(-maxOutput);
    });
  }
  return () => tail.toString('utf8');
}

function describe(what: string, output: string): string {
  const words = oneLine(output.slice(-maxOutput), maxOutput).slice(-800);
  return words === '' ? what : `${what}; its output ends with: ${words}`.toWellFormed();
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
