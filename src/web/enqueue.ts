import type { Context, Hono } from 'hono';
import { z } from 'zod';
import { SidegateError } from '../domain/errors.ts';
import { patchsetName } from '../domain/patchset.ts';
import type { WebDeps } from './deps.ts';
import { operatorForms } from './operator-forms.ts';
import type { LoggedIn } from './operator-forms.ts';
import type { FailedLogins } from './operator.ts';
import { messagePage, page } from './pages.ts';
import { enqueueForm, enqueueHelp } from './views/enqueue-form.ts';
import { messageSummary } from './views/message.ts';

const formSchema = z.object({ change: z.string().max(2000), gerrit: z.string().max(100).default('') });

/** A change is queued by hand, by operators. */
export function addEnqueue(app: Hono, deps: WebDeps, failedLogins: FailedLogins): void {
  const forms = operatorForms(app, deps, { below: '/enqueue', command: 'sidegate enqueue', failedLogins });
  app.get('/enqueue', async (c) => {
    if (deps.operator === undefined) return await formPage(c, deps, enqueueHelp());
    return await forms.asOperator(c, async ({ user }) => {
      const view = { user, change: '', gerrit: '', problem: undefined };
      return await formPage(c, deps, enqueueForm({ ...view, gerrits: await gerritsOf(deps) }));
    });
  });
  forms.post('/enqueue', (c, one) => enqueue(c, deps, one));
}

async function enqueue(c: Context, deps: WebDeps, { operator, user }: LoggedIn): Promise<Response> {
  const parsed = formSchema.safeParse(await c.req.parseBody());
  if (!parsed.success) {
    const text = 'Give the number of a change, with its patchset if it is not the current one, or its address.';
    return await messagePage(c, deps, { status: 400, title: 'Not understood', text });
  }
  const { change, gerrit } = parsed.data;
  try {
    const patchset = await operator.enqueue({ change, gerrit: gerrit === '' ? undefined : gerrit });
    deps.log?.info({ patchset: patchsetName(patchset), operator: user }, 'a change was queued on the pages');
    return c.redirect(`/builds?change=${patchset.number}`, 303);
  } catch (error) {
    // Gerrit's trouble is told as the request's: it may be out of reach, or not show the change to our account.
    if (!(error instanceof SidegateError)) throw error;
    c.status(400);
    const view = { user, change, gerrit, problem: `${error.detail} ${error.todo}` };
    return await formPage(c, deps, enqueueForm({ ...view, gerrits: await gerritsOf(deps) }));
  }
}

async function gerritsOf({ status }: WebDeps): Promise<readonly string[]> {
  return (await status.overview()).connections.map(({ name }) => name);
}

function formPage(c: Context, deps: WebDeps, body: ReturnType<typeof enqueueForm>): Promise<Response> {
  return page(c, deps, {
    title: 'Queue a change',
    here: 'builds',
    summary: messageSummary('Queue a change'),
    body,
    live: undefined,
  });
}
