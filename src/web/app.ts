import { Hono } from 'hono';
import type { Context } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { addApi } from './api.ts';
import { addBackends } from './backends.ts';
import type { WebDeps } from './deps.ts';
import { addEnqueue } from './enqueue.ts';
import { addHolds } from './holds.ts';
import { addLive } from './live.ts';
import { addLogs } from './logs.ts';
import { addMetrics } from './metrics.ts';
import { createFailedLogins } from './operator.ts';
import { addPages, messagePage } from './pages.ts';
import { addLogViewer } from './view-log.ts';
import { addReports } from './reports.ts';
import { addSearch } from './search.ts';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

export function createApp(deps: WebDeps): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    secure(c);
    return await next();
  });
  app.get('/assets/:name', (c) => asset(c, deps));
  addPages(app, deps);
  addApi(app, deps);
  addLive(app, deps);
  addLogs(app, deps);
  addLogViewer(app, deps);
  addSearch(app, deps);
  const failedLogins = createFailedLogins();
  addHolds(app, deps, failedLogins);
  addBackends(app, deps, failedLogins);
  addReports(app, deps, failedLogins);
  addEnqueue(app, deps, failedLogins);
  addMetrics(app, deps);
  app.notFound((c) => nothingHere(c, deps));
  app.onError((error, c) => {
    if (error instanceof HTTPException) return refused(c, deps, error.status);
    deps.log?.error({ err: error, path: c.req.path }, 'a page could not be made');
    secure(c);
    return messagePage(c, deps, {
      status: 500,
      title: 'Not now',
      text: 'The page could not be made; the log of sidegate says why. Try again in a moment.',
    });
  });
  return app;
}

function nothingHere(c: Context, deps: WebDeps): Promise<Response> {
  if (c.req.method === 'GET' || c.req.method === 'HEAD')
    return messagePage(c, deps, {
      status: 404,
      title: 'No such page',
      text: 'There is nothing under this address.',
    });
  c.header('Allow', 'GET, HEAD');
  return messagePage(c, deps, { status: 405, title: 'Read only', text: 'This page can only be read.' });
}

/** What the guards of the forms say. */
function refused(c: Context, deps: WebDeps, status: number): Promise<Response> {
  if (status === 413)
    return messagePage(c, deps, { status, title: 'Too large', text: 'No form of these pages is that long.' });
  return messagePage(c, deps, {
    status: 403,
    title: 'Refused',
    text: 'This form was not sent by a page of this address.',
  });
}

function secure(c: Context): void {
  c.header('Content-Security-Policy', policy);
  c.header('X-Content-Type-Options', 'nosniff');
  c.header('Referrer-Policy', 'no-referrer');
}

function asset(c: Context, deps: WebDeps): Response | Promise<Response> {
  const found = deps.assets.get(c.req.param('name') ?? '');
  if (found === undefined) return c.notFound();
  c.header('Content-Type', found.type);
  c.header('Cache-Control', 'public, max-age=31536000, immutable');
  return c.body(new Uint8Array(found.body));
}
