import type { Context, Hono } from 'hono';
import { SidegateError, errorCode } from '../domain/errors.ts';
import type { HoldRequest, WebDeps } from './deps.ts';
import { holdFieldsSchema, ttlMinutes } from './hold-fields.ts';
import type { HoldFields, HoldPrefill } from './hold-fields.ts';
import { operatorForms } from './operator-forms.ts';
import type { LoggedIn, OperatorForms } from './operator-forms.ts';
import type { FailedLogins } from './operator.ts';
import { messagePage, page } from './pages.ts';
import { parseBuildId } from './query.ts';
import { commandHelp, holdForm } from './views/hold-form.ts';
import { holdSections, holdsBody, holdsSummary } from './views/holds.ts';

/** Held servers for everybody to see; asking for one and letting one go are for operators. */
export function addHolds(app: Hono, deps: WebDeps, failedLogins: FailedLogins): void {
  const forms = operatorForms(app, deps, { below: '/holds', command: 'sidegate hold', failedLogins });
  app.get('/holds', (c) => list(c, deps));
  app.get('/holds/new', (c) => newHold(c, deps, forms));
  forms.post('/holds/new', (c, one) => request(c, deps, one));
  forms.post('/holds/:id/end', (c, one) => end(c, deps, one));
}

async function list(c: Context, deps: WebDeps): Promise<Response> {
  const holds = await deps.status.holds();
  const mayRelease = deps.operator !== undefined;
  return await page(c, deps, {
    title: 'Held servers',
    here: 'holds',
    summary: holdsSummary(holds),
    body: holdsBody(holdSections(holds, { mayRelease, now: Date.now() })),
    live: '/live/holds',
  });
}

async function newHold(c: Context, deps: WebDeps, forms: OperatorForms): Promise<Response> {
  const fields = holdFieldsSchema.partial().safeParse(c.req.query());
  const prefilled: HoldPrefill = fields.success ? fields.data : {};
  if (deps.operator === undefined) {
    return await holdPage(c, deps, commandHelp(prefilled));
  }
  return await forms.asOperator(c, (one) => formPage(c, deps, one, { fields: prefilled, problem: undefined }));
}

async function formPage(
  c: Context,
  deps: WebDeps,
  { operator, user }: LoggedIn,
  shown: { fields: HoldPrefill; problem: string | undefined },
): Promise<Response> {
  return await holdPage(c, deps, holdForm({ ...shown, user, choices: ttlMinutes(operator.maxTtl) }));
}

function holdPage(c: Context, deps: WebDeps, body: Parameters<typeof page>[2]['body']): Promise<Response> {
  return page(c, deps, {
    title: 'Hold a server',
    here: 'holds',
    summary: holdsSummary(undefined),
    body,
    live: undefined,
  });
}

async function request(c: Context, deps: WebDeps, one: LoggedIn): Promise<Response> {
  const body = await c.req.parseBody();
  const parsed = holdFieldsSchema.safeParse(body);
  if (!parsed.success) {
    const problem = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ');
    return await messagePage(c, deps, { status: 400, title: 'Not understood', text: problem });
  }
  try {
    const id = await one.operator.requestHold(await toRequest(deps, parsed.data, one.user));
    deps.log?.info({ hold: id, operator: one.user }, 'a hold was asked for on the pages');
    return c.redirect(`/holds#hold-${id}`, 303);
  } catch (error) {
    if (errorCode(error) !== 'hold-refused') throw error;
    c.status(400);
    return await formPage(c, deps, one, { fields: parsed.data, problem: (error as SidegateError).detail });
  }
}

/** People give the first digits of a build. */
async function toRequest(deps: WebDeps, fields: HoldFields, requestedBy: string): Promise<HoldRequest> {
  const { build: given, project, change, job, reason, key, ttl } = fields;
  const start = given === undefined ? undefined : parseBuildId(given);
  const build = start === undefined ? undefined : await deps.status.build(start);
  if (given !== undefined && build === undefined)
    throw new SidegateError('hold-refused', `there is no build ${given}.`);
  return {
    build: build?.id,
    project,
    changeNumber: change,
    job,
    reason,
    requestedBy,
    sshKey: key,
    ttl: ttl * 60_000,
  };
}

async function end(c: Context, deps: WebDeps, { operator, user }: LoggedIn): Promise<Response> {
  const id = c.req.param('id') ?? '';
  const isOne = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
  const ended = isOne && (await operator.endHold(id, user));
  if (!ended)
    return await messagePage(c, deps, {
      status: 404,
      title: 'Not held',
      text: 'It was released before, or never held.',
    });
  deps.log?.info({ hold: id, operator: user }, 'a hold was ended on the pages');
  return c.redirect('/holds', 303);
}
