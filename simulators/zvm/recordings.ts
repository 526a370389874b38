import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Answer } from './test-client.ts';

/** One call to a real Feilong, and its answer. */
export interface Recording {
  readonly name: string;
  readonly request: { readonly method: string; readonly path: string; readonly body?: unknown };
  readonly response: { readonly status: number; readonly contentType: string; readonly body: unknown };
}

const fixtures = new URL('../../test/fixtures/feilong/', import.meta.url);

export function readFixture(name: string): string {
  return readFileSync(new URL(name, fixtures), 'utf8');
}

export function readRecordings(release: string): readonly Recording[] {
  return readLines(readFixture(`recorded-${release}.jsonl`)) as readonly Recording[];
}

export function readLines(text: string): readonly unknown[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}

/** As the recorder sent it: without Accept, on which the form of some errors depends. `fetch` always sends one. */
export function replay(url: string, { method, path, body }: Recording['request']): Promise<Answer> {
  const sent = body === undefined || body === null ? '' : JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) };
  return new Promise((resolve, reject) => {
    const asked = request(url + path, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('error', reject).on('end', () => {
        const contentType = response.headers['content-type'] ?? null;
        resolve({ status: response.statusCode ?? 0, contentType, body: /^[[{]/.test(text) ? JSON.parse(text) : text });
      });
    });
    asked.on('error', reject).end(sent);
  });
}

/** Names of types, deeply, of a value: what two answers about different systems have in common. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (value === null || typeof value !== 'object') return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, shapeOf(part)]));
}

/** Takes out of an error's text what differs from call to call: temporary names, ports, what a program printed, Linux's devices. */
export function textForm(text: string): string {
  return text
    .replaceAll(/tmp[\w]{6,10}/g, 'TMP')
    .replaceAll(/127\.0\.0\.1:\d+/g, 'ADDRESS')
    .replace(/\(ADDRESS\) /, '')
    .replace(/root@[\d.]+:\/\S+(?=')/, 'WORKER-FILE')
    .replace(/(failed with output: |with error |with reason: )(cp|scp): .*\n?/, '$1OUTPUT')
    .replace(/, "\(Warning\).*?"(?=\])/, '');
}
