import { readFileSync } from 'node:fs';
import type { Client, ClientChannel } from 'ssh2';
import { SidegateError } from '../../domain/errors.ts';
import type { JobEnd } from '../../domain/verdict.ts';
import type { JobWatch, RemoteJob } from '../../ports/remote-jobs.ts';
import { openChannel } from './connection.ts';
import { jobPayload, shellQuote } from './payload.ts';

const script = readFileSync(new URL('./follow-job.sh', import.meta.url), 'utf8');
/** A control line is short; a longer one comes from a hostile server. */
const maxControl = 4096;
/** How long a runner may give no sign (ms). */
const patience = 60_000;
/** The follower says so often that it is there (ms). */
const lookEvery = 5000;
/** Without a word from it, it is started again (ms): it may have been stopped together with the job. */
const longestSilence = 120_000;

/** Starts the job on the server unless it was, and follows its console until it ends. See `follow-job.sh` for the protocol. */
export async function followJob(client: Client, job: RemoteJob, watch: JobWatch): Promise<JobEnd> {
  const payload = Buffer.from(jobPayload(job));
  const limits = lookingOf(job).map((limit) => Math.ceil(limit / 1000));
  const words = [job.id, job.epoch, watch.offset, payload.length, ...limits];
  const args = words.map((word) => shellQuote(String(word))).join(' ');
  const channel = await openChannel(client, `exec sh -c ${shellQuote(script)} sidegate ${args}`);
  channel.write(payload);
  return new Promise<JobEnd>((resolve, reject) => {
    const follower = new Follower(channel, watch);
    follower.done.then(resolve, reject);
  });
}

/** Patience, and how often is looked (ms). */
function lookingOf(job: RemoteJob): readonly [number, number] {
  const patient = job.patience ?? patience;
  return [patient, Math.min(lookEvery, patient / 4)];
}

/** Collects both output streams of one channel until the end is known and every console byte before it has been handed over. */
class Follower {
  readonly done: Promise<JobEnd>;
  #settle!: { resolve: (end: JobEnd) => void; reject: (error: Error) => void };
  #received: number;
  #end: { result: JobEnd; size: number } | undefined;
  #control = '';
  #heardAt = performance.now();
  readonly #channel: ClientChannel;
  readonly #watch: JobWatch;

  constructor(channel: ClientChannel, watch: JobWatch) {
    this.#channel = channel;
    this.#watch = watch;
    this.#received = watch.offset;
    this.done = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    channel.stderr.on('data', (chunk: Buffer) => this.#readControl(chunk));
    const listening = setInterval(() => this.#listen(), lookEvery);
    channel.on('close', () => clearInterval(listening));
    channel.on('close', () =>
      this.#settle.reject(new SidegateError('ssh-unreachable', 'the connection broke while the job ran')),
    );
    channel.on('error', () => channel.destroy());
    const stop = () => this.#stop();
    watch.signal.addEventListener('abort', stop, { once: true });
    channel.on('close', () => watch.signal.removeEventListener('abort', stop));
    if (watch.signal.aborted) stop();
    void this.#readConsole();
  }

  async #readConsole(): Promise<void> {
    try {
      for await (const chunk of this.#channel as AsyncIterable<Buffer>) {
        this.#heardAt = performance.now();
        await this.#watch.onConsole(chunk);
        this.#received += chunk.length;
        this.#finishWhenComplete();
      }
    } catch (error) {
      this.#settle.reject(error instanceof Error ? error : new Error(String(error)));
      this.#hangUp();
    }
  }

  /** Whatever the reason is: the job goes on, and whoever attaches to it anew looks whether it does. */
  #listen(): void {
    if (performance.now() - this.#heardAt < longestSilence) return;
    this.#settle.reject(new SidegateError('ssh-unreachable', 'nothing was heard of the job'));
    this.#hangUp();
  }

  #readControl(chunk: Buffer): void {
    this.#heardAt = performance.now();
    const lines = (this.#control + chunk.toString('utf8')).split('\n');
    this.#control = (lines.pop() ?? '').slice(0, maxControl);
    for (const line of lines) this.#takeControlLine(line.slice(0, maxControl).split(' '));
  }

  #takeControlLine([word = '', kind = '', status = '', size = '']: string[]): void {
    switch (word) {
      case 'phase':
        return this.#watch.onPhase(kind);
      case 'time':
      case 'clock':
        return this.#noteTime(word, Number(kind), Number(status));
      case 'refused':
        return this.#refuse(kind);
      case 'end':
        this.#end ??= { result: jobEnd(kind, Number(status)), size: Number(size) || 0 };
        return this.#finishWhenComplete();
    }
  }

  #noteTime(word: 'time' | 'clock', uptime: number, value: number): void {
    if (!(uptime >= 0 && value >= 0) || value > Number.MAX_SAFE_INTEGER) return;
    this.#watch.onTime?.(
      word === 'time' ? { kind: 'grown', uptime, bytes: value } : { kind: 'clock', uptime, clock: value },
    );
  }

  #refuse(reason: string): void {
    const code = reason === 'stale-epoch' ? 'stale-epoch' : 'disk-full';
    this.#settle.reject(new SidegateError(code, 'The test server did not take the job.'));
    this.#hangUp();
  }

  #finishWhenComplete(): void {
    if (!this.#end || this.#received < this.#end.size) return;
    this.#settle.resolve(this.#end.result);
    this.#hangUp();
  }

  /** Without waiting for the server's word: it may have stopped to answer. */
  #stop(): void {
    this.#settle.reject(new SidegateError('ssh-unreachable', 'the job is no longer followed'));
    this.#hangUp();
  }

  #hangUp(): void {
    this.#channel.end();
    this.#channel.close();
  }
}

function jobEnd(kind: string, status: number): JobEnd {
  switch (kind) {
    case 'exited':
      return { kind, status };
    case 'timed-out':
    case 'disk-full':
    case 'out-of-memory':
    case 'rebooted':
    case 'silent':
      return { kind };
    default:
      return { kind: 'lost' };
  }
}
