import type { Context, Hono } from 'hono';
import { html } from 'hono/html';
import { consoleFile } from '../domain/log-path.ts';
import { testedName } from '../domain/tested-ref.ts';
import type { BuildDetail, TestRun } from '../ports/status.ts';
import { completeLength, consoleChunks, consoleShown, fromNextLine, skippedMark } from './console-text.ts';
import type { WebDeps } from './deps.ts';
import { parseBuildId, parseFilter, parseTestId } from './query.ts';
import { visible } from './text.ts';
import type { Html } from './text.ts';
import { buildBody, buildSections, buildSummary } from './views/build.ts';
import { buildsBody } from './views/builds.ts';
import { imageSections, imagesBody, imagesSummary } from './views/images.ts';
import { layout } from './views/layout.ts';
import type { Page } from './views/layout.ts';
import { messageBody, messageSummary } from './views/message.ts';
import { testHistoryBody, testHistorySummary } from './views/test-history.ts';
import type { FilesOfBuilds } from './views/test-history.ts';
import { failures, testName } from './views/tests.ts';
import { statusBody, statusSections, summary } from './views/status.ts';

export function addPages(app: Hono, deps: WebDeps): void {
  app.get('/', (c) => statusPage(c, deps));
  app.get('/builds', (c) => buildsPage(c, deps));
  app.get('/build/:id', (c) => buildPage(c, deps));
  app.get('/test', (c) => testPage(c, deps));
  app.get('/images', (c) => imagesPage(c, deps));
}

export async function page(
  c: Context,
  deps: WebDeps,
  parts: Omit<Page, 'assets' | 'ci'> & { ci?: string },
): Promise<Response> {
  c.header('Cache-Control', 'no-store');
  return c.html(String(await layout({ ...parts, ci: await ciName(deps, parts.ci), assets: deps.assets })));
}

/** A page that says the store is away must not need the store. */
async function ciName(deps: WebDeps, known: string | undefined): Promise<string> {
  return known ?? (await deps.ciName().catch(() => 'sidegate'));
}

export async function messagePage(
  c: Context,
  deps: WebDeps,
  message: { status: 400 | 401 | 403 | 404 | 405 | 413 | 415 | 429 | 500 | 503; title: string; text: string },
): Promise<Response> {
  c.status(message.status);
  return await page(c, deps, {
    title: message.title,
    here: 'build',
    summary: messageSummary(message.title),
    body: messageBody(message.title, message.text),
    live: undefined,
  });
}

async function statusPage(c: Context, deps: WebDeps): Promise<Response> {
  const view = await deps.status.overview();
  const sections = statusSections(view, Date.now());
  return await page(c, deps, {
    title: view.name,
    ci: view.name,
    here: 'status',
    summary: summary(view),
    body: statusBody(sections),
    live: '/live/status',
  });
}

async function buildsPage(c: Context, deps: WebDeps): Promise<Response> {
  const { filter, problem } = parseFilter(c.req.query());
  if (filter === undefined)
    return await messagePage(c, deps, { status: 400, title: 'Filter not understood', text: problem });
  const [view, builds] = await Promise.all([deps.status.overview(), deps.status.builds(filter)]);
  return await page(c, deps, {
    title: `Builds · ${view.name}`,
    ci: view.name,
    here: 'builds',
    summary: summary(view),
    body: buildsBody(filter, builds, Date.now()),
    live: undefined,
  });
}

async function buildPage(c: Context, deps: WebDeps): Promise<Response> {
  const id = parseBuildId(c.req.param('id') ?? '');
  const build = id === undefined ? undefined : await deps.status.build(id);
  if (build === undefined)
    return await messagePage(c, deps, {
      status: 404,
      title: 'No such build',
      text: 'Its number may be mistyped, or the build is too old.',
    });
  const [view, tail] = await Promise.all([deps.status.overview(), consoleTail(deps, build)]);
  const sections = buildSections(build, Date.now());
  return await page(c, deps, {
    title: `${visible(testedName(build.tested), 200)} · ${build.job}`,
    ci: view.name,
    here: 'build',
    summary: buildSummary(build),
    body: buildBody(sections, build, tail.markup),
    live: `/live/build/${encodeURIComponent(build.id)}?offset=${tail.next}`,
  });
}

/** Ids hold brackets and commas: they come as a parameter, not in the path. */
async function testPage(c: Context, deps: WebDeps): Promise<Response> {
  const id = parseTestId(c.req.query('id'));
  if (id === undefined)
    return await messagePage(c, deps, { status: 400, title: 'No test', text: 'The address names no test.' });
  const runs = await deps.status.testHistory(id);
  return await page(c, deps, {
    title: `${visible(testName(id).method, 200)} · test`,
    here: 'builds',
    summary: testHistorySummary(runs),
    body: testHistoryBody(id, runs, await filesOfFailures(deps, runs)),
    live: undefined,
  });
}

/** Folders are read for each request: the newest failures are what people look into. */
const linkedFailures = 10;

async function filesOfFailures({ archive }: WebDeps, runs: readonly TestRun[]): Promise<FilesOfBuilds> {
  const failed = runs.filter(({ logPath, outcome }) => logPath !== undefined && failures.includes(outcome));
  const files = new Map<string, readonly string[]>();
  for (const { build, logPath = '' } of failed.slice(0, linkedFailures))
    files.set(
      build,
      (await archive.list(logPath)).map(({ path }) => path.slice(logPath.length)),
    );
  return files;
}

async function imagesPage(c: Context, deps: WebDeps): Promise<Response> {
  const images = await deps.status.images();
  return await page(c, deps, {
    title: 'Images',
    here: 'images',
    summary: imagesSummary(images),
    body: imagesBody(imageSections(images, Date.now())),
    live: '/live/images',
  });
}

/** The last part of the console; the stream of the page goes on at `next`. */
async function consoleTail(deps: WebDeps, build: BuildDetail): Promise<{ markup: Html; next: number }> {
  const start = Math.max(0, (await deps.archive.size(build.logPath + consoleFile)) - consoleShown);
  const { data, next } = await readConsole(deps, build.id, start);
  const whole = start === 0;
  return { markup: html`${whole ? html`` : skippedMark}${consoleChunks(whole ? data : fromNextLine(data))}`, next };
}

async function readConsole(deps: WebDeps, id: string, start: number): Promise<{ data: Buffer; next: number }> {
  const parts: Buffer[] = [];
  let next = start;
  while (next - start < consoleShown) {
    const part = await deps.status.console(id, next, consoleShown - (next - start));
    if (part === undefined || part.bytes.length === 0) break;
    parts.push(part.bytes);
    next += part.bytes.length;
  }
  const all = Buffer.concat(parts);
  const length = completeLength(all);
  return { data: all.subarray(0, length), next: start + length };
}
