import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface KeptObject {
  readonly content: Buffer;
  readonly md5: string;
  readonly type: string;
  readonly encoding: string | undefined;
  readonly modified: Date;
  /** Milliseconds since 1970; undefined: it stays. */
  readonly deleteAt: number | undefined;
}

/** One container or bucket. */
export type Objects = Map<string, KeptObject>;

export interface ObjectCall {
  readonly method: string;
  /** As it was sent, still encoded. */
  readonly target: string;
  /** Container or bucket, then the object's name; decoded. */
  readonly container: string;
  readonly name: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly content: Buffer;
}

export interface ObjectReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

export function keep(objects: Objects, { content, headers, name }: ObjectCall): KeptObject {
  const after = headers['x-delete-after'];
  const kept: KeptObject = {
    content,
    md5: createHash('md5').update(content).digest('hex'),
    type: headers['content-type'] ?? 'application/octet-stream',
    encoding: headers['content-encoding'],
    // Both servers tell whole seconds in headers.
    modified: new Date(Math.floor(Date.now() / 1000) * 1000),
    deleteAt: typeof after === 'string' ? Date.now() + Number(after) * 1000 : undefined,
  };
  objects.set(name, kept);
  return kept;
}

/** Content of GET, or the headers of HEAD, whole or in part. */
export function reply({ content, encoding, modified, type }: KeptObject, call: ObjectCall, etag: string): ObjectReply {
  const headers = {
    'Content-Type': type,
    'Last-Modified': modified.toUTCString(),
    ETag: etag,
    'Accept-Ranges': 'bytes',
    ...(encoding === undefined ? {} : { 'Content-Encoding': encoding }),
  };
  const [, from, to] = /^bytes=(\d+)-(\d*)$/.exec(call.headers.range ?? '') ?? [];
  if (from === undefined)
    return { status: 200, headers: { ...headers, 'Content-Length': String(content.length) }, body: content };
  const start = Number(from);
  if (start >= content.length) return { status: 416, headers: { 'Content-Range': `bytes */${content.length}` } };
  const end = Math.min(to === '' ? Infinity : Number(to), content.length - 1);
  const part = content.subarray(start, end + 1);
  const range = { 'Content-Range': `bytes ${start}-${end}/${content.length}`, 'Content-Length': String(part.length) };
  return { status: 206, headers: { ...headers, ...range }, body: part };
}

/** In the order of their names' bytes, as both have it. */
export function listed(objects: Objects, { after, limit, prefix }: { after: string; limit: number; prefix: string }) {
  return [...objects]
    .filter(([name]) => name.startsWith(prefix) && Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0)
    .toSorted(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    .slice(0, limit);
}
