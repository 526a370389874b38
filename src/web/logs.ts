import { constants } from 'node:fs';
import { lstat, opendir, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Context, Hono } from 'hono';
import { errorCode } from '../domain/errors.ts';
import { isPlainName } from '../domain/log-path.ts';
import { isMissing, openRegular } from '../shared/inside-root.ts';
import type { WebDeps } from './deps.ts';
import { askedNames, logPath } from './log-files.ts';
import { byteRange, logType } from './log-types.ts';
import type { ByteRange } from './log-types.ts';
import { messagePage, page } from './pages.ts';
import { pathTo } from './text.ts';
import { folderSummary, listingBody } from './views/listing.ts';
import type { ListedEntry } from './views/listing.ts';

const maxEntries = 5000;
/** Content of a test server: it may look like a page, it may not act like one. */
const sandbox = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:";

export function addLogs(app: Hono, deps: WebDeps): void {
  app.get('/logs', (c) => c.redirect('/logs/', 301));
  app.get('/logs/*', async (c) => {
    try {
      return await serve(c, deps);
    } catch (error) {
      if (!isMissing(error) && errorCode(error) !== 'path-refused') throw error;
      return await messagePage(c, deps, {
        status: 404,
        title: 'No such file',
        text: 'The logs hold nothing under this address. It may be mistyped, or the logs have expired.',
      });
    }
  });
}

async function serve(c: Context, deps: WebDeps): Promise<Response> {
  const asked = askedNames(new URL(c.req.url).pathname, '/logs/');
  if (asked === undefined)
    return await messagePage(c, deps, { status: 400, title: 'Not served', text: 'This is no address of a log.' });
  const path = await logPath(deps.logsRoot, asked.names);
  if (path === undefined) return await listing(c, deps, { names: [], path: undefined });
  const stats = await stat(path);
  if (!stats.isDirectory()) return await file(c, path, asked.names.at(-1) ?? '');
  if (asked.folder) return await listing(c, deps, { names: asked.names, path });
  return c.redirect(`/logs/${pathTo(asked.names.join('/'))}/`, 301);
}

async function listing(
  c: Context,
  deps: WebDeps,
  folder: { names: readonly string[]; path: string | undefined },
): Promise<Response> {
  const { entries, cut } = folder.path === undefined ? { entries: [], cut: false } : await readFolder(folder.path);
  return await page(c, deps, {
    title: `logs/${folder.names.join('/')}`,
    here: 'logs',
    summary: folderSummary(folder.names, entries.length),
    body: listingBody(folder.names, entries, cut),
    live: undefined,
  });
}

async function readFolder(path: string): Promise<{ entries: readonly ListedEntry[]; cut: boolean }> {
  const entries: ListedEntry[] = [];
  let cut = false;
  for await (const entry of await opendir(path)) {
    if (entry.name.startsWith('.') || !isPlainName(entry.name) || !(entry.isFile() || entry.isDirectory())) continue;
    cut = entries.length >= maxEntries;
    if (cut) break;
    const stats = await lstat(join(path, entry.name)).catch(() => undefined);
    if (stats === undefined) continue;
    entries.push({
      name: entry.name,
      folder: entry.isDirectory(),
      size: stats.size,
      modified: stats.mtime.toISOString(),
    });
  }
  const order = (a: ListedEntry, b: ListedEntry) =>
    Number(b.folder) - Number(a.folder) || a.name.localeCompare(b.name, 'en', { numeric: true });
  return { entries: entries.toSorted(order), cut };
}

async function file(c: Context, path: string, name: string): Promise<Response> {
  const handle = await openRegular(path, constants.O_RDONLY);
  try {
    const answer = await answerFor(c, handle, name);
    if (answer.bytes !== undefined && c.req.method !== 'HEAD') {
      return c.body(contentOf(handle, answer), answer.status === 206 ? 206 : 200);
    }
    await handle.close();
    return c.body(null, answer.status);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface Answer {
  readonly status: 200 | 206 | 304 | 416;
  /** undefined: no body. */
  readonly bytes: ByteRange | undefined;
  readonly unpack: boolean;
}

/** Sets the headers. The size is taken once: a file that grows meanwhile is sent up to it. */
async function answerFor(c: Context, handle: FileHandle, name: string): Promise<Answer> {
  const { size, mtime, mtimeMs } = await handle.stat();
  const head = Buffer.alloc(Math.min(512, size));
  await handle.read(head, 0, head.length, 0);
  const { type, gzip } = logType(name, head);
  const etag = `"${size.toString(36)}-${Math.round(mtimeMs).toString(36)}"`;
  c.header('Content-Type', type);
  c.header('Content-Security-Policy', sandbox);
  c.header('Cache-Control', 'no-cache');
  c.header('Last-Modified', mtime.toUTCString());
  c.header('ETag', etag);
  if (c.req.header('If-None-Match') === etag) return { status: 304, bytes: undefined, unpack: false };
  if (gzip) return gzipAnswer(c, size);
  return rangeAnswer(c, size, etag);
}

function gzipAnswer(c: Context, size: number): Answer {
  c.header('Vary', 'Accept-Encoding');
  const accepted = /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?\s*(?:,|$))/i.test(c.req.header('Accept-Encoding') ?? '');
  if (!accepted) return { status: 200, bytes: { start: 0, end: size - 1 }, unpack: true };
  c.header('Content-Encoding', 'gzip');
  c.header('Content-Length', String(size));
  return { status: 200, bytes: { start: 0, end: size - 1 }, unpack: false };
}

function rangeAnswer(c: Context, size: number, etag: string): Answer {
  c.header('Accept-Ranges', 'bytes');
  const condition = c.req.header('If-Range');
  const range = condition === undefined || condition === etag ? byteRange(c.req.header('Range'), size) : undefined;
  if (range === 'none') {
    c.header('Content-Range', `bytes */${size}`);
    return { status: 416, bytes: undefined, unpack: false };
  }
  const bytes = range ?? { start: 0, end: size - 1 };
  c.header('Content-Length', String(bytes.end - bytes.start + 1));
  if (range !== undefined) c.header('Content-Range', `bytes ${range.start}-${range.end}/${size}`);
  return { status: range === undefined ? 200 : 206, bytes: size === 0 ? undefined : bytes, unpack: false };
}

/** Streams, and closes the file also when the reader leaves. */
function contentOf(handle: FileHandle, answer: Answer): ReadableStream {
  const { start = 0, end = 0 } = answer.bytes ?? {};
  const content = handle.createReadStream({ start, end, highWaterMark: 256 * 1024 });
  if (!answer.unpack) return Readable.toWeb(content) as ReadableStream;
  const unpacked = createGunzip();
  content.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  unpacked.on('close', () => content.destroy());
  return Readable.toWeb(unpacked) as ReadableStream;
}
