import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDirectoryArchive } from '../../src/adapters/logs/directory-archive.ts';
import type { LogArchive } from '../../src/ports/log-archive.ts';
import { createWebServer } from '../../src/web/server.ts';
import type { WebOptions } from '../../src/web/server.ts';
import type { PlainStatus } from './status-fixture.ts';

export interface Served {
  readonly url: string;
  readonly home: string;
  readonly logsRoot: string;
  readonly archive: LogArchive;
  stop(): Promise<void>;
}

/** The real server on a free port, with logs in a temporary folder. */
export async function serve(status: PlainStatus, own: Partial<WebOptions> = {}): Promise<Served> {
  const home = await mkdtemp(join(tmpdir(), 'sidegate-web-'));
  const logsRoot = join(home, 'logs');
  const archive = createDirectoryArchive(logsRoot);
  const health = async () => ({ ok: true, checks: { database: 'ok' } });
  const options = {
    status,
    archive,
    logsRoot,
    publicUrl: 'https://ci.example.org',
    host: '127.0.0.1',
    port: 0,
    health,
    heldReports: async () => [],
    stoppedJobs: async () => [],
  };
  const server = createWebServer({ ...options, ...own });
  const { url } = await server.start();
  const stop = async () => {
    await server.stop();
    await rm(home, { recursive: true });
  };
  return { url, home, logsRoot, archive, stop };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A request whose path is sent as it is: `fetch` would tidy it. */
export function rawGet(
  url: string,
  path: string,
  options: { headers?: Record<string, string>; method?: string } = {},
): Promise<RawAnswer> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const asked = request(
      { hostname, port, path, agent: false, method: options.method ?? 'GET', headers: options.headers ?? {} },
      (answer) => {
        const parts: Buffer[] = [];
        answer.on('data', (part: Buffer) => parts.push(part));
        answer.on('error', reject);
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) }),
        );
      },
    );
    asked.on('error', reject).end();
  });
}

export interface EventStream {
  readonly status: number;
  /** Reads on until the text since the last call fits, and gives it. */
  until(fits: (text: string) => boolean): Promise<string>;
  close(): void;
}

export async function openEvents(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
  const stop = new AbortController();
  const answer = await fetch(url, { signal: stop.signal, headers });
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  const until = async (fits: (text: string) => boolean) => {
    let text = '';
    while (!fits(text)) {
      const { value, done } = (await reader?.read()) ?? { value: undefined, done: true };
      if (done) throw new Error(`the stream ended after ${JSON.stringify(text)}`);
      text += value;
    }
    return text;
  };
  return { status: answer.status, until, close: () => stop.abort() };
}
