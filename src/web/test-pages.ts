import type { Context, Hono } from 'hono';
import { testedName } from '../domain/tested-ref.ts';
import type { ListedTests, TestFilter } from '../ports/status.ts';
import type { WebDeps } from './deps.ts';
import { messagePage, page } from './pages.ts';
import { parseBuildId, parseTestFilter } from './query.ts';
import { visible } from './text.ts';
import { listedTestsBody, listedTestsSummary } from './views/listed-tests.ts';

/** All tests of a build, to look through; without script. */
export function addTestPages(app: Hono, deps: WebDeps): void {
  app.get('/build/:id/tests', (c) => testsPage(c, deps));
  app.get('/api/builds/:id/tests', (c) => testsAnswer(c, deps));
}

async function testsPage(c: Context, deps: WebDeps): Promise<Response> {
  const filter = parseTestFilter(c.req.query());
  if (filter === undefined)
    return await messagePage(c, deps, {
      status: 400,
      title: 'Filter not understood',
      text: 'The address asks for no known outcome, or for too long a name.',
    });
  const listed = await findTests(c, deps, filter);
  if (listed === undefined)
    return await messagePage(c, deps, {
      status: 404,
      title: 'No such build',
      text: 'Its number may be mistyped, or the build is too old.',
    });
  const { build } = listed;
  return await page(c, deps, {
    title: `Tests · ${visible(testedName(build.tested), 200)} · ${build.job}`,
    here: 'build',
    summary: listedTestsSummary(build),
    body: listedTestsBody(filter, listed),
    live: undefined,
  });
}

async function testsAnswer(c: Context, deps: WebDeps): Promise<Response> {
  c.header('Cache-Control', 'no-store');
  const filter: TestFilter | undefined = parseTestFilter(c.req.query());
  if (filter === undefined)
    return c.json({ error: { code: 'bad-request', detail: 'outcome, text or from is not understood' } }, 400);
  const listed = await findTests(c, deps, filter);
  if (listed === undefined) return c.json({ error: { code: 'not-found', detail: 'There is no such build.' } }, 404);
  const { build, ...tests } = listed;
  return c.json({ build: build.id, ...tests });
}

async function findTests(c: Context, deps: WebDeps, filter: TestFilter): Promise<ListedTests | undefined> {
  const id = parseBuildId(c.req.param('id') ?? '');
  return id === undefined ? undefined : await deps.status.tests(id, filter);
}
