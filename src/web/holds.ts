import type { Context, Hono, Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';
import { SidegateError, errorCode } from '../domain/errors.ts';
import type { HoldRequest, Operator, WebDeps } from './deps.ts';
import { holdFieldsSchema, ttlMinutes } from './hold-fields.ts';
import type { HoldFields, HoldPrefill } from './hold-fields.ts';
import { createFailedLogins, logIn } from './operator.ts';
import type { FailedLogins } from './operator.ts';
import { messagePage, page } from './pages.ts';
import { parseBuildId } from './query.ts';
import { commandHelp, holdForm } from './views/hold-form.ts';
import { holdSections, holdsBody, holdsSummary } from './views/holds.ts';

const maxBody = 32 * 1024;
const formType = /^application\/x-www-form-urlencoded\b/i;

/** Held servers for everybody to see; asking for one and letting one go are for operators. */
export function addHolds(app: Hono, deps: WebDeps): void {
  const logins = createFailedLogins();
  // Without its origin a form could not be told from one on somebody else's page.
  app.use('/holds/*', async (c, next) => {
    await next();
    c.header('Referrer-Policy', 'same-origin');
  });
  app.get('/holds', (c) => list(c, deps));
  app.get('/holds/new', (c) => newHold(c, deps, logins));
  const forms = (c: Context, next: Next) => onlyForms(c, next, deps);
  const origin = sameOrigin(deps);
  const limit = bodyLimit({ maxSize: maxBody });
  app.post('/holds/new', forms, origin, limit, (c) => withOperator(c, deps, logins, (one) => request(c, deps, one)));
  app.post('/holds/:id/end', forms, origin, limit, (c) => withOperator(c, deps, logins, (one) => end(c, deps, one)));
}

interface LoggedIn {
  readonly operator: Operator;
  readonly user: string;
}

async function onlyForms(c: Context, next: Next, deps: WebDeps): Promise<Response | void> {
  if (formType.test(c.req.header('Content-Type') ?? '')) return await next();
  return await messagePage(c, deps, { status: 415, title: 'Not a form', text: 'Send the fields as a form does.' });
}

/** The proxy in front speaks TLS: the page's origin is then that of the public address. */
function sameOrigin({ publicUrl }: WebDeps) {
  const published = new URL(publicUrl).origin;
  return csrf({ origin: (origin, c) => origin === published || origin === new URL(c.req.url).origin });
}

async function list(c: Context, deps: WebDeps): Promise<Response> {
  const holds = await deps.status.holds();
  const mayRelease = deps.operator !== undefined;
  c.header('Referrer-Policy', 'same-origin');
  return await page(c, deps, {
    title: 'Held servers',
    here: 'holds',
    summary: holdsSummary(holds),
    body: holdsBody(holdSections(holds, { mayRelease, now: Date.now() })),
    live: '/live/holds',
  });
}

async function newHold(c: Context, deps: WebDeps, logins: FailedLogins): Promise<Response> {
  const fields = holdFieldsSchema.partial().safeParse(c.req.query());
  const prefilled: HoldPrefill = fields.success ? fields.data : {};
  if (deps.operator === undefined) {
    return await holdPage(c, deps, commandHelp(prefilled));
  }
  return await withOperator(c, deps, logins, (one) =>
    formPage(c, deps, one, { fields: prefilled, problem: undefined }),
  );
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

async function withOperator(
  c: Context,
  deps: WebDeps,
  logins: FailedLogins,
  action: (one: LoggedIn) => Promise<Response>,
): Promise<Response> {
  const { operator } = deps;
  if (operator === undefined) {
    const text = 'No operator password is configured (web.operator_password): use the command `sidegate hold`.';
    return await messagePage(c, deps, { status: 403, title: 'Not here', text });
  }
  const login = logIn(c, operator.password, logins);
  if ('user' in login) return await action({ operator, user: login.user });
  if (login.refused !== 'nobody') deps.log?.warn({ refused: login.refused }, 'a log-in to the pages was refused');
  if (login.refused === 'too-many') {
    c.header('Retry-After', String(login.wait ?? 60));
    const text = 'There were too many wrong passwords. Wait a minute, or use the command `sidegate hold`.';
    return await messagePage(c, deps, { status: 429, title: 'Later', text });
  }
  c.header('WWW-Authenticate', 'Basic realm="sidegate operators: your name, and their password", charset="UTF-8"');
  const text = 'This is for the operators of this CI: give your name, and the password they share.';
  return await messagePage(c, deps, { status: 401, title: 'Log in', text });
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
