import { randomUUID } from 'node:crypto';
import type { JobEnd } from '../../../domain/verdict.ts';
import type { ConsoleMoment, RemoteHost, RemoteJob, RemoteJobs } from '../../../ports/remote-jobs.ts';

/** A job of one phase. */
export function jobOf(script: string, changes: Partial<RemoteJob> = {}): RemoteJob {
  return {
    id: randomUUID(),
    epoch: 1,
    phases: [{ name: 'test', script }],
    environment: {},
    timeout: 60_000,
    retryPause: 1000,
    consoleLimit: 16 * 1024 * 1024,
    ...changes,
  };
}

export interface Followed {
  readonly end: Promise<JobEnd>;
  /** What came so far. */
  console(): Buffer;
  readonly phases: readonly string[];
  readonly moments: readonly ConsoleMoment[];
  /** Resolves when the console holds this text. */
  shows(text: string): Promise<void>;
  /** Stops following. */
  stop(): void;
}

export function follow(jobs: RemoteJobs, host: RemoteHost, job: RemoteJob, offset = 0): Followed {
  const chunks: Buffer[] = [];
  const phases: string[] = [];
  const moments: ConsoleMoment[] = [];
  const waiting = new Set<() => void>();
  const stopping = new AbortController();
  const console = () => Buffer.concat(chunks);
  const end = jobs.follow(host, job, {
    offset,
    signal: stopping.signal,
    onConsole: async (chunk) => {
      chunks.push(chunk);
      for (const look of waiting) look();
    },
    onPhase: (phase) => void phases.push(phase),
    onTime: (moment) => void moments.push(moment),
  });
  // The test looks at it later; until then a failure is nobody's.
  end.catch(() => {});
  return {
    end,
    console,
    phases,
    moments,
    stop: () => stopping.abort(),
    shows: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (console().includes(text)) resolve();
        };
        waiting.add(look);
        look();
        end.then(
          () => (console().includes(text) ? resolve() : reject(new Error(`the console ended without ${text}`))),
          reject,
        );
      }),
  };
}
