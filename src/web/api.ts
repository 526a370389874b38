import type { Context, Hono } from 'hono';
import type { BuildRow } from '../ports/status.ts';
import { sleep } from '../shared/clock.ts';
import type { Health, WebDeps } from './deps.ts';
import { parseBuildId, parseFilter, parseTestId } from './query.ts';
import { pathTo } from './text.ts';
import { zuulArtifacts } from './zuul-artifacts.ts';
import type { ZuulArtifact } from './zuul-artifacts.ts';

const healthLimit = 10_000;

export function addApi(app: Hono, deps: WebDeps): void {
  app.get('/api/status', async (c) => json(c, await wholeStatus(deps)));
  app.get('/api/builds', (c) => buildList(c, deps));
  app.get('/api/builds/:id', (c) => buildDetail(c, deps));
  app.get('/api/tests', (c) => testRuns(c, deps));
  app.get('/healthz', (c) => healthz(c, deps));
}

async function wholeStatus({ status }: WebDeps): Promise<object> {
  const [overview, holds, images] = await Promise.all([status.overview(), status.holds(), status.images()]);
  return { ...overview, holds, images };
}

async function buildList(c: Context, deps: WebDeps): Promise<Response> {
  const { filter, problem } = parseFilter(c.req.query());
  if (filter === undefined) return json(c, { error: { code: 'bad-request', detail: problem } }, 400);
  const builds = await deps.status.builds(filter);
  return json(
    c,
    builds.map((build) => withLinks(deps, build)),
  );
}

async function buildDetail(c: Context, deps: WebDeps): Promise<Response> {
  const id = parseBuildId(c.req.param('id') ?? '');
  const build = id === undefined ? undefined : await deps.status.build(id);
  if (build === undefined) return json(c, { error: { code: 'not-found', detail: 'There is no such build.' } }, 404);
  const { artifacts: files, ...rest } = build;
  return json(c, { ...withLinks(deps, rest, files), files });
}

/** `?id=ID`: how a test fared in the newest builds that ran it. */
async function testRuns(c: Context, deps: WebDeps): Promise<Response> {
  const id = parseTestId(c.req.query('id'));
  if (id === undefined) return json(c, { error: { code: 'bad-request', detail: 'id: the id of a test' } }, 400);
  const runs = await deps.status.testHistory(id);
  return json(
    c,
    runs.map((run) => ({ ...run, details: undefined })),
  );
}

interface Links {
  readonly url: string;
  readonly logUrl: string;
  readonly artifacts: readonly ZuulArtifact[];
}

/** `files`: those of its log folder, where they are known. */
function withLinks<Row extends BuildRow>(
  deps: WebDeps,
  build: Row,
  files?: readonly { readonly path: string }[],
): Row & Links {
  const base = deps.publicUrl.replace(/\/+$/, '');
  const logUrl = `${base}/logs/${pathTo(build.logPath)}`;
  const artifacts = zuulArtifacts(build, logUrl, files);
  return { ...build, url: `${base}/build/${encodeURIComponent(build.id)}`, logUrl, artifacts };
}

/** A check that hangs is an answer too. */
async function healthz(c: Context, deps: WebDeps): Promise<Response> {
  const stop = new AbortController();
  const late = sleep(healthLimit, stop.signal).then((): Health => ({
    ok: false,
    checks: { health: 'no answer in time' },
  }));
  const health = await Promise.race([askHealth(deps), late]);
  stop.abort();
  return json(c, health, health.ok ? 200 : 503);
}

async function askHealth(deps: WebDeps): Promise<Health> {
  try {
    return await deps.health();
  } catch (error) {
    deps.log?.error({ err: error }, 'the health check failed');
    return { ok: false, checks: { health: 'failed' } };
  }
}

function json(c: Context, data: object, status: 200 | 400 | 404 | 503 = 200): Response {
  c.header('Cache-Control', 'no-store');
  return c.json(data, status);
}
