import type { IncomingHttpHeaders } from 'node:http';
import { SidegateError, errorText } from '../../domain/errors.ts';
import { oneLine } from '../../domain/sanitize.ts';
import type { NewObject, ObjectStore, StoredObject } from '../../ports/object-store.ts';
import { sleep } from '../../shared/clock.ts';
import type { Dialect, DialectRequest } from './dialect.ts';
import type { ObjectAnswer } from './exchange.ts';

/** Before the second and third try (ms). */
const pauses = [300, 1500];
/** What all stores take at once. Larger files would have to go in parts; logs are not that large. */
const largest = 5 * 1024 ** 3;
const maxDetail = 300;

/** An object store that speaks a dialect. Names in it are `prefix` and the path. */
export function createObjectStore(dialect: Dialect, prefix: string): ObjectStore {
  const send = (request: DialectRequest) => sendRepeatedly(dialect, request);
  const at = (path: string) => ({ name: `${prefix}${path}`, query: '' });
  return {
    place: dialect.place,
    async put(object) {
      checkSize(object);
      const { open, size, signal } = object;
      const headers = { ...dialect.putHeaders(object), ...contentHeaders(object) };
      const answer = await send({ ...at(object.path), method: 'PUT', headers, body: { open, size }, signal });
      if (!isGood(answer)) throw refusal(dialect, 'PUT', object.path, answer);
      return etagOf(answer.headers);
    },
    async find(path) {
      const answer = await send({ ...at(path), method: 'HEAD', headers: {} });
      if (answer.status === 404) return undefined;
      if (!isGood(answer)) throw refusal(dialect, 'HEAD', path, answer);
      return toObject(path, answer.headers);
    },
    async open(path, { end, start }) {
      const headers = { Range: `bytes=${start}-${end}` };
      const answer = await send({ ...at(path), method: 'GET', headers, stream: true });
      if (answer.status === 404) return undefined;
      if (answer.status === 206 && answer.content) return answer.content;
      answer.content?.destroy();
      throw refusal(dialect, 'GET', path, answer);
    },
    async list(folder, after) {
      const query = dialect.listQuery(`${prefix}${folder}`, after === '' ? '' : `${prefix}${after}`);
      const answer = await send({ name: '', query, method: 'GET', headers: {} });
      if (!isGood(answer)) throw refusal(dialect, 'GET', folder, answer);
      return dialect
        .readList(answer.text)
        .flatMap((found) =>
          found.path.startsWith(prefix) ? [{ ...found, path: found.path.slice(prefix.length) }] : [],
        );
    },
    async remove(path) {
      const answer = await send({ ...at(path), method: 'DELETE', headers: {} });
      if (!isGood(answer) && answer.status !== 404) throw refusal(dialect, 'DELETE', path, answer);
    },
  };
}

function checkSize({ path, size }: NewObject): void {
  if (size > largest)
    throw new SidegateError('object-store-refused', `${path} has ${size} bytes, more than ${largest} at once`);
}

function contentHeaders({ gzip, type }: NewObject): Readonly<Record<string, string>> {
  return { 'Content-Type': type, ...(gzip ? { 'Content-Encoding': 'gzip' } : {}) };
}

/** All requests may be repeated: an object has one name and one content. */
async function sendRepeatedly(dialect: Dialect, request: DialectRequest): Promise<ObjectAnswer> {
  for (let tries = 0; ; tries += 1) {
    const pause = pauses[tries];
    try {
      const answer = await dialect.send(request);
      if (pause === undefined || !isPassing(answer.status)) return answer;
      answer.content?.destroy();
    } catch (error) {
      if (error instanceof SidegateError) throw error;
      if (pause === undefined || request.signal?.aborted) {
        const what = `${dialect.place}: ${request.method} ${request.name}: ${errorText(error)}`;
        throw new SidegateError('object-store-unreachable', what, { cause: error });
      }
    }
    await sleep(pause, request.signal);
  }
}

function isGood({ status }: ObjectAnswer): boolean {
  return status >= 200 && status < 300;
}

function isPassing(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

function refusal(dialect: Dialect, method: string, path: string, { status, text }: ObjectAnswer): SidegateError {
  const code = isPassing(status) ? 'object-store-unreachable' : 'object-store-refused';
  const said = oneLine(dialect.problemOf(text), maxDetail);
  const words = said === '' ? '' : `: ${said}`;
  return new SidegateError(code, `${dialect.place}: ${method} ${oneLine(path, maxDetail)}: HTTP ${status}${words}`);
}

function toObject(path: string, headers: IncomingHttpHeaders): StoredObject {
  const modified = new Date(headers['last-modified'] ?? 0);
  return { path, size: Number(headers['content-length'] ?? 0), etag: etagOf(headers), modified };
}

function etagOf({ etag }: IncomingHttpHeaders): string {
  return (etag ?? '').replaceAll('"', '');
}
