import type { Context, Hono, Next } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { csrf } from 'hono/csrf';
import type { Operator, WebDeps } from './deps.ts';
import { logIn } from './operator.ts';
import type { FailedLogins } from './operator.ts';
import { messagePage } from './pages.ts';

const maxBody = 32 * 1024;
const formType = /^application\/x-www-form-urlencoded\b/i;

export interface LoggedIn {
  readonly operator: Operator;
  readonly user: string;
}

/** What only operators may do, on the pages below one address. */
export interface OperatorForms {
  /** Takes a form that a page of ours sent. */
  post(path: string, action: (c: Context, one: LoggedIn) => Promise<Response>): void;
  asOperator(c: Context, action: (one: LoggedIn) => Promise<Response>): Promise<Response>;
}

export interface FormsPlace {
  /** `/holds`. */
  readonly below: string;
  /** What does the same on the machine of sidegate. */
  readonly command: string;
  /** Of all forms together: who guesses passwords does so everywhere. */
  readonly failedLogins: FailedLogins;
}

export function operatorForms(app: Hono, deps: WebDeps, place: FormsPlace): OperatorForms {
  // Without its origin a form could not be told from one on somebody else's page.
  app.use(`${place.below}/*`, async (c, next) => {
    await next();
    c.header('Referrer-Policy', 'same-origin');
  });
  const onlyForm = (c: Context, next: Next) => onlyForms(c, next, deps);
  const origin = sameOrigin(deps);
  const limit = bodyLimit({ maxSize: maxBody });
  const asOperator: OperatorForms['asOperator'] = (c, action) => withOperator(c, deps, place, action);
  return {
    post: (path, action) => {
      app.post(path, onlyForm, origin, limit, (c) => asOperator(c, (one) => action(c, one)));
    },
    asOperator,
  };
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

async function withOperator(
  c: Context,
  deps: WebDeps,
  { command, failedLogins }: FormsPlace,
  action: (one: LoggedIn) => Promise<Response>,
): Promise<Response> {
  const { operator } = deps;
  if (operator === undefined) {
    const text = `No operator password is configured (web.operator_password): use the command \`${command}\`.`;
    return await messagePage(c, deps, { status: 403, title: 'Not here', text });
  }
  const login = logIn(c, operator.password, failedLogins);
  if ('user' in login) return await action({ operator, user: login.user });
  if (login.refused !== 'nobody') deps.log?.warn({ refused: login.refused }, 'a log-in to the pages was refused');
  if (login.refused === 'too-many') {
    c.header('Retry-After', String(login.wait ?? 60));
    const text = `There were too many wrong passwords. Wait a minute, or use the command \`${command}\`.`;
    return await messagePage(c, deps, { status: 429, title: 'Later', text });
  }
  c.header('WWW-Authenticate', 'Basic realm="sidegate operators: your name, and their password", charset="UTF-8"');
  const text = 'This is for the operators of this CI: give your name, and the password they share.';
  return await messagePage(c, deps, { status: 401, title: 'Log in', text });
}
