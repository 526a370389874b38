import type { Context, Hono } from 'hono';
import { z } from 'zod';
import type { SidegateError } from '../domain/errors.ts';
import { errorCode } from '../domain/errors.ts';
import type { WebDeps } from './deps.ts';
import { operatorForms } from './operator-forms.ts';
import type { LoggedIn, OperatorForms } from './operator-forms.ts';
import type { FailedLogins } from './operator.ts';
import { messagePage, page } from './pages.ts';
import { backendSections, backendsBody, backendsSummary } from './views/backends.ts';
import { drainForm, drainHelp } from './views/drain-form.ts';

const drainSchema = z.object({ reason: z.string().max(2000) });

/** Back ends for everybody to see; taking one out of use and back are for operators. */
export function addBackends(app: Hono, deps: WebDeps, failedLogins: FailedLogins): void {
  const forms = operatorForms(app, deps, { below: '/backends', command: 'sidegate backend', failedLogins });
  app.get('/backends', (c) => list(c, deps));
  app.get('/backends/:name/drain', (c) => newDrain(c, deps, forms));
  forms.post('/backends/:name/drain', (c, one) => drain(c, deps, one));
  forms.post('/backends/:name/resume', (c, one) => resume(c, deps, one));
}

async function list(c: Context, deps: WebDeps): Promise<Response> {
  const backends = await deps.status.backends();
  const viewing = { mayChange: deps.operator !== undefined, now: Date.now() };
  return await page(c, deps, {
    title: 'Back ends',
    here: 'backends',
    summary: backendsSummary(backends),
    body: backendsBody(backendSections(backends, viewing)),
    live: '/live/backends',
  });
}

async function newDrain(c: Context, deps: WebDeps, forms: OperatorForms): Promise<Response> {
  const backend = await backendOf(c, deps);
  if (backend === undefined) return await noSuchBackend(c, deps);
  if (deps.operator === undefined) return await formPage(c, deps, drainHelp(backend));
  return await forms.asOperator(c, ({ user }) =>
    formPage(c, deps, drainForm({ backend, user, reason: '', problem: undefined })),
  );
}

function formPage(c: Context, deps: WebDeps, body: ReturnType<typeof drainForm>): Promise<Response> {
  return page(c, deps, {
    title: 'Take a back end out of use',
    here: 'backends',
    summary: backendsSummary(undefined),
    body,
    live: undefined,
  });
}

async function drain(c: Context, deps: WebDeps, { operator, user }: LoggedIn): Promise<Response> {
  const backend = await backendOf(c, deps);
  if (backend === undefined) return await noSuchBackend(c, deps);
  const parsed = drainSchema.safeParse(await c.req.parseBody());
  if (!parsed.success) {
    const problem = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    return await messagePage(c, deps, { status: 400, title: 'Not understood', text: problem });
  }
  const { reason } = parsed.data;
  try {
    await operator.drainBackend({ backend, by: user, reason });
  } catch (error) {
    if (errorCode(error) !== 'drain-refused') throw error;
    c.status(400);
    return await formPage(c, deps, drainForm({ backend, user, reason, problem: (error as SidegateError).detail }));
  }
  deps.log?.info({ backend, operator: user }, 'a back end was taken out of use on the pages');
  return c.redirect(`/backends#backend-${encodeURIComponent(backend)}`, 303);
}

async function resume(c: Context, deps: WebDeps, { operator, user }: LoggedIn): Promise<Response> {
  const backend = await backendOf(c, deps);
  if (backend === undefined) return await noSuchBackend(c, deps);
  if (!(await operator.resumeBackend(backend))) {
    const text = 'Somebody has taken it back into use before.';
    return await messagePage(c, deps, { status: 404, title: 'Not out of use', text });
  }
  deps.log?.info({ backend, operator: user }, 'a back end was taken back into use on the pages');
  return c.redirect(`/backends#backend-${encodeURIComponent(backend)}`, 303);
}

async function backendOf(c: Context, { status }: WebDeps): Promise<string | undefined> {
  const asked = c.req.param('name');
  return (await status.backends()).find(({ name }) => name === asked)?.name;
}

function noSuchBackend(c: Context, deps: WebDeps): Promise<Response> {
  const text = 'None of this name is configured.';
  return messagePage(c, deps, { status: 404, title: 'No such back end', text });
}
