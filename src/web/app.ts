import { Hono } from 'hono';
import type { Context } from 'hono';
import { addApi } from './api.ts';
import type { WebDeps } from './deps.ts';
import { addLive } from './live.ts';
import { addLogs } from './logs.ts';
import { addPages, messagePage } from './pages.ts';

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
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') {
      c.header('Allow', 'GET, HEAD');
      return await messagePage(c, deps, { status: 405, title: 'Read only', text: 'These pages can only be read.' });
    }
    return await next();
  });
  app.get('/assets/:name', (c) => asset(c, deps));
  addPages(app, deps);
  addApi(app, deps);
  addLive(app, deps);
  addLogs(app, deps);
  app.notFound((c) =>
    messagePage(c, deps, { status: 404, title: 'No such page', text: 'There is nothing under this address.' }),
  );
  app.onError((error, c) => {
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
