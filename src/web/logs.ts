import { lstat, opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, finished } from 'node:stream';
import { createGunzip } from 'node:zlib';
import type { Context, Hono } from 'hono';
import { logAlias } from '../domain/log-alias.ts';
import { isPlainName } from '../domain/log-path.ts';
import { isMissing } from '../shared/inside-root.ts';
import type { WebDeps } from './deps.ts';
import { askedNames, logPath } from './log-files.ts';
import { logProblem } from './log-problem.ts';
import { byteRange, logType } from './log-types.ts';
import type { ByteRange } from './log-types.ts';
import { openFile } from './open-file.ts';
import type { OpenFile } from './open-file.ts';
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
      const elsewhere = isMissing(error) ? aliasOf(c) : undefined;
      return elsewhere === undefined ? await logProblem(c, deps, error) : c.redirect(elsewhere, 302);
    }
  });
}

function aliasOf(c: Context): string | undefined {
  const names = logAlias(askedNames(new URL(c.req.url).pathname, '/logs/')?.names ?? []);
  return names && `/logs/${pathTo(names.join('/'))}`;
}

async function serve(c: Context, deps: WebDeps): Promise<Response> {
  const asked = askedNames(new URL(c.req.url).pathname, '/logs/');
  if (asked === undefined)
    return await messagePage(c, deps, { status: 400, title: 'Not served', text: 'This is no address of a log.' });
  const { names } = asked;
  if (names.length === 0) return await listing(c, deps, names);
  const opened = await openFile(deps, names);
  if (opened !== 'folder') return await file(c, opened, names.at(-1) ?? '');
  if (asked.folder) return await listing(c, deps, names);
  return c.redirect(`/logs/${pathTo(names.join('/'))}/`, 301);
}

async function listing(c: Context, deps: WebDeps, names: readonly string[]): Promise<Response> {
  const { cut, entries } = await readEverywhere(deps, names);
  return await page(c, deps, {
    title: `logs/${names.join('/')}`,
    here: 'logs',
    summary: folderSummary(names, entries.length),
    body: listingBody(names, entries, cut),
    live: undefined,
  });
}

/** What is here, and what is in the object store alone. */
async function readEverywhere({ logsRoot, storedLogs }: WebDeps, names: readonly string[]): Promise<Folder> {
  const path = await logPath(logsRoot, names).catch((error: unknown) => {
    if (storedLogs !== undefined && isMissing(error)) return undefined;
    throw error;
  });
  const local = path === undefined ? { entries: [], cut: false } : await readFolder(path);
  const stored = (await storedLogs?.folder(names.join('/'))) ?? [];
  const known = new Set(local.entries.map(({ name }) => name));
  const more = stored
    .filter(({ name }) => !known.has(name) && isPlainName(name))
    .map(({ isFolder, modified, name, size }) => ({ name, folder: isFolder, size, modified: modified?.toISOString() }));
  const entries = [...local.entries, ...more].toSorted(inOrder);
  return { entries: entries.slice(0, maxEntries), cut: local.cut || entries.length > maxEntries };
}

interface Folder {
  readonly entries: readonly ListedEntry[];
  readonly cut: boolean;
}

async function readFolder(path: string): Promise<Folder> {
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
  return { entries, cut };
}

function inOrder(a: ListedEntry, b: ListedEntry): number {
  return Number(b.folder) - Number(a.folder) || a.name.localeCompare(b.name, 'en', { numeric: true });
}

async function file(c: Context, opened: OpenFile, name: string): Promise<Response> {
  try {
    const answer = await answerFor(c, opened, name);
    if (answer.bytes !== undefined && c.req.method !== 'HEAD') {
      return c.body(await contentOf(opened, answer, answer.bytes), answer.status === 206 ? 206 : 200);
    }
    await opened.close();
    return c.body(null, answer.status);
  } catch (error) {
    await opened.close();
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
async function answerFor(c: Context, opened: OpenFile, name: string): Promise<Answer> {
  const { modified, size } = opened;
  const { type, gzip } = logType(name, await opened.head());
  const etag = `"${size.toString(36)}-${modified.getTime().toString(36)}"`;
  c.header('Content-Type', type);
  c.header('Content-Security-Policy', sandbox);
  c.header('Cache-Control', 'no-cache');
  c.header('Last-Modified', modified.toUTCString());
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
async function contentOf(opened: OpenFile, answer: Answer, { end, start }: ByteRange): Promise<ReadableStream> {
  const content = await opened.content(start, end);
  finished(content, () => void opened.close().catch(() => {}));
  if (!answer.unpack) return Readable.toWeb(content) as ReadableStream;
  const unpacked = createGunzip();
  content.on('error', (error) => unpacked.destroy(error)).pipe(unpacked);
  unpacked.on('close', () => content.destroy());
  return Readable.toWeb(unpacked) as ReadableStream;
}
