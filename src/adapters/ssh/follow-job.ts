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

/** Starts the job on the server unless it was, and follows its console until it ends. See `follow-job.sh` for the protocol. */
export async function followJob(client: Client, job: RemoteJob, watch: JobWatch): Promise<JobEnd> {
  const payload = Buffer.from(jobPayload(job));
  const args = [job.id, job.epoch, watch.offset, payload.length].map((arg) => shellQuote(String(arg))).join(' ');
  const channel = await openChannel(client, `exec sh -c ${shellQuote(script)} sidegate ${args}`);
  channel.write(payload);
  return new Promise<JobEnd>((resolve, reject) => {
    const follower = new Follower(channel, watch);
    follower.done.then(resolve, reject);
  });
}

/** Collects both output streams of one channel until the end is known and every console byte before it has been handed over. */
class Follower {
  readonly done: Promise<JobEnd>;
  #settle!: { resolve: (end: JobEnd) => void; reject: (error: Error) => void };
  #received: number;
  #end: { result: JobEnd; size: number } | undefined;
  #control = '';
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
        await this.#watch.onConsole(chunk);
        this.#received += chunk.length;
        this.#finishWhenComplete();
      }
    } catch (error) {
      this.#settle.reject(error instanceof Error ? error : new Error(String(error)));
      this.#hangUp();
    }
  }

  #readControl(chunk: Buffer): void {
    const lines = (this.#control + chunk.toString('utf8')).split('\n');
    this.#control = (lines.pop() ?? '').slice(0, maxControl);
    for (const line of lines) this.#takeControlLine(line.slice(0, maxControl).split(' '));
  }

  #takeControlLine([word, kind = '', status = '', size = '']: string[]): void {
    if (word === 'phase') return this.#watch.onPhase(kind);
    if (word === 'refused') {
      const code = kind === 'stale-epoch' ? 'stale-epoch' : 'disk-full';
      this.#settle.reject(new SidegateError(code, 'The test server did not take the job.'));
      return this.#hangUp();
    }
    if (word !== 'end' || this.#end) return;
    this.#end = { result: jobEnd(kind, Number(status)), size: Number(size) || 0 };
    this.#finishWhenComplete();
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
  if (kind === 'exited') return { kind, status };
  if (kind === 'timed-out' || kind === 'disk-full') return { kind };
  return { kind: 'lost' };
}
