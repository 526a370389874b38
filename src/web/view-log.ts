import { buffer } from 'node:stream/consumers';
import type { Context, Hono } from 'hono';
import { parseTimes } from '../domain/console-times.ts';
import { errorCode } from '../domain/errors.ts';
import { consoleFile, consoleTimesFile } from '../domain/log-path.ts';
import { isMissing } from '../shared/inside-root.ts';
import type { WebDeps } from './deps.ts';
import { createLineIndexes } from './line-index.ts';
import type { LineIndex } from './line-index.ts';
import { askedNames } from './log-files.ts';
import { logProblem } from './log-problem.ts';
import { openLog } from './log-source.ts';
import { logType } from './log-types.ts';
import { openFile } from './open-file.ts';
import { messagePage, page } from './pages.ts';
import { parseLogView } from './query.ts';
import type { LogViewQuery, TimeSpan } from './query.ts';
import { findLines, findTime, readPage } from './read-log-page.ts';
import type { LogPage, ReadLog } from './read-log-page.ts';
import { pathTo } from './text.ts';
import { lineQuery, logBody, logSummary } from './views/log.ts';

/** How long one request may read to find a line (ms). What was read is remembered, so asking again goes on. */
const patience = 20_000;
/** Requests that read at the same time: they take memory and the disk. */
const maxReaders = 12;

/** Bytes read of the times beside a log. */
const maxTimes = 1024 * 1024;

interface Opened extends ReadLog {
  readonly names: readonly string[];
}

/** A log as pages of lines, whatever its size. What it holds is text, never markup. */
export function addLogViewer(app: Hono, deps: WebDeps): void {
  const indexOf = createLineIndexes();
  let readers = 0;
  app.get('/view/*', async (c) => {
    if (readers >= maxReaders) return await busy(c, deps);
    readers += 1;
    try {
      return await view(c, deps, indexOf);
    } catch (error) {
      return await logProblem(c, deps, error);
    } finally {
      readers -= 1;
    }
  });
}

async function view(c: Context, deps: WebDeps, indexOf: ReturnType<typeof createLineIndexes>): Promise<Response> {
  const asked = askedNames(new URL(c.req.url).pathname, '/view/');
  const query = parseLogView(c.req.query());
  if (asked === undefined || query === undefined)
    return await messagePage(c, deps, { status: 400, title: 'Not served', text: 'This is no address of a log.' });
  const { names } = asked;
  if (names.length === 0) return c.redirect('/logs/', 302);
  const file = await openFile(deps, names);
  if (file === 'folder') return c.redirect(`/logs/${pathTo(names.join('/'))}/`, 302);
  try {
    const { type, gzip } = logType(names.at(-1) ?? '', await file.head());
    if (!type.startsWith('text/plain')) return c.redirect(`/logs/${pathTo(names.join('/'))}`, 302);
    const source = openLog(file, gzip);
    const times = await timesOf(deps, names);
    return await answer(c, deps, { names, source, index: indexOf(names.join('/'), source), times }, query);
  } finally {
    await file.close();
  }
}

/** Of a console; empty where there are none, as of an older build. */
async function timesOf(deps: WebDeps, names: readonly string[]): Promise<ReadLog['times']> {
  if (names.at(-1) !== consoleFile) return [];
  try {
    const file = await openFile(deps, [...names.slice(0, -1), consoleTimesFile]);
    if (file === 'folder') return [];
    try {
      if (file.size === 0) return [];
      return parseTimes(String(await buffer(await file.content(0, Math.min(file.size, maxTimes) - 1))));
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isMissing(error) || errorCode(error) === 'path-refused') return [];
    throw error;
  }
}

async function answer(c: Context, deps: WebDeps, opened: Opened, query: LogViewQuery): Promise<Response> {
  const { index, names, source } = opened;
  const line = query.end || query.time !== undefined ? Infinity : query.line;
  if (!(await index.reach(line, source, performance.now() + patience))) return await reading(c, deps, index);
  if (query.end) return toLine(c, Math.max(1, index.lines));
  if (query.time !== undefined)
    return toLine(c, (await findTime(opened, query.time)) ?? Math.max(1, index.lines), query.marked);
  const { find, level } = query;
  const isSearch = find !== undefined || level !== undefined;
  const shown = isSearch ? await findLines(opened, query.line, { find, level }) : await readPage(opened, query.line);
  const log = { names, query, page: shown, size: source.size, lines: linesOf(index, isSearch ? undefined : shown) };
  return await page(c, deps, {
    title: names.at(-1) ?? '',
    here: 'logs',
    summary: logSummary(log),
    body: logBody(log),
    live: undefined,
    scripts: ['viewer.js'],
  });
}

/** How many the log has, where it is known. */
function linesOf(index: LineIndex, shown: LogPage | undefined): number | undefined {
  if (index.isAtEnd) return index.lines;
  return shown !== undefined && shown.next === undefined ? shown.lines.at(-1)?.number : undefined;
}

/** A new address, so that it can be shared. */
function toLine(c: Context, line: number, marked?: TimeSpan): Response {
  return c.redirect(`${new URL(c.req.url).pathname}?${lineQuery(line, marked)}#L${line}`, 303);
}

async function reading(c: Context, deps: WebDeps, index: LineIndex): Promise<Response> {
  c.header('Refresh', '2');
  const text = `This place is far down in a large log: ${index.lines} lines were read so far. This page tries again by itself.`;
  return await messagePage(c, deps, { status: 503, title: 'Still reading', text });
}

async function busy(c: Context, deps: WebDeps): Promise<Response> {
  c.header('Retry-After', '2');
  c.header('Refresh', '2');
  const text = 'Many logs are being read at this moment. This page tries again by itself.';
  return await messagePage(c, deps, { status: 503, title: 'In a moment', text });
}
