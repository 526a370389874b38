import type { Context, Hono } from 'hono';
import { sleep } from '../shared/clock.ts';
import type { WebDeps } from './deps.ts';
import { messagePage, page } from './pages.ts';
import { createSearchDesk } from './search-desk.ts';
import type { RunningSearch, SearchDesk, SearchProgress } from './search-desk.ts';
import { parseSearch } from './search-query.ts';
import type { SearchQuery } from './search-query.ts';
import { pathTo } from './text.ts';
import { searchBody, searchSummary } from './views/search.ts';

/** A page waits so long for a result, then it shows what there is (ms). */
const pagePatience = 1000;
const apiPatience = 20_000;

/** Text in the logs, and names in the tests, of many builds. */
export function addSearch(app: Hono, deps: WebDeps): void {
  const desk = createSearchDesk(deps);
  app.get('/search', (c) => searchPage(c, deps, desk));
  app.get('/api/search', (c) => searchApi(c, deps, desk));
}

async function searchPage(c: Context, deps: WebDeps, desk: SearchDesk): Promise<Response> {
  const parsed = parseSearch(c.req.query());
  if (parsed.query === undefined) {
    c.status(400);
    return await answer(c, deps, { fields: parsed.fields, problem: parsed.problem });
  }
  const { query } = parsed;
  const { fields } = query;
  if (isEmpty(query)) return await answer(c, deps, { fields });
  const search = desk.ask(query);
  if (search === undefined) return await busy(c, deps);
  await settled(search, pagePatience);
  return await answer(c, deps, { fields, query, progress: search.progress() });
}

/** Nothing is looked for: the form alone. */
function isEmpty({ fields, pattern }: SearchQuery): boolean {
  return pattern === undefined && fields.test === undefined;
}

async function answer(c: Context, deps: WebDeps, view: Parameters<typeof searchBody>[0]): Promise<Response> {
  return await page(c, deps, {
    title: view.fields.text ?? view.fields.test ?? 'Search',
    here: 'search',
    summary: searchSummary(),
    body: searchBody(view),
    live: undefined,
    scripts: ['search.js'],
    refresh: isGoing(view.progress) ? 2 : undefined,
  });
}

async function settled(search: RunningSearch, patience: number): Promise<void> {
  const stop = new AbortController();
  await Promise.race([search.over, sleep(patience, stop.signal)]);
  stop.abort();
}

function isGoing(progress: SearchProgress | undefined): boolean {
  return progress?.state === 'running' || progress?.state === 'waiting';
}

async function busy(c: Context, deps: WebDeps): Promise<Response> {
  c.header('Retry-After', '10');
  c.header('Refresh', '10');
  const text = 'Many searches wait for their turn. This page tries again by itself.';
  return await messagePage(c, deps, { status: 503, title: 'In a moment', text });
}

/** Answers when the search is over or after 20 s; asking again goes on with it. */
async function searchApi(c: Context, deps: WebDeps, desk: SearchDesk): Promise<Response> {
  c.header('Cache-Control', 'no-store');
  const { problem, query } = parseSearch(c.req.query());
  if (query === undefined) return c.json({ error: { code: 'bad-request', detail: problem } }, 400);
  if (isEmpty(query)) return c.json({ error: { code: 'bad-request', detail: 'text: or test: is missing' } }, 400);
  const search = desk.ask(query);
  if (search === undefined) {
    c.header('Retry-After', '10');
    return c.json({ error: { code: 'busy', detail: 'Many searches wait for their turn.' } }, 503);
  }
  await settled(search, apiPatience);
  return c.json(linked(deps, search.progress()));
}

function linked({ publicUrl }: WebDeps, progress: SearchProgress): object {
  const base = publicUrl.replace(/\/+$/, '');
  const found = progress.found.map(({ build, logs, whole }) => ({
    build: build.id,
    job: build.job,
    result: build.result,
    queuedAt: build.queuedAt,
    whole,
    url: `${base}/build/${build.id}`,
    logs: logs.map(({ lines, name }) => ({
      name,
      lines: lines.map(({ line, text }) => ({
        line,
        text,
        url: `${base}/view/${pathTo(build.logPath + name)}?line=${line}#L${line}`,
      })),
    })),
  }));
  return { ...progress, found };
}
