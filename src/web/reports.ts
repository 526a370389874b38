import type { Context, Hono } from 'hono';
import { errorCode } from '../domain/errors.ts';
import type { ReportDecision } from '../ports/report-store.ts';
import type { WebDeps } from './deps.ts';
import { operatorForms } from './operator-forms.ts';
import type { LoggedIn } from './operator-forms.ts';
import type { FailedLogins } from './operator.ts';
import { messagePage, page } from './pages.ts';
import { reportsBody, reportsSummary } from './views/reports.ts';

const decisions = ['confirm', 'downgrade', 'drop'] as const satisfies readonly ReportDecision[];
const fates = ['rerun', 'post', 'drop'] as const;
const uuid = /^[0-9a-f-]{36}$/;

/** Reports that wait for a person, and jobs that are not reported, for everybody to see; deciding is for operators. */
export function addReports(app: Hono, deps: WebDeps, failedLogins: FailedLogins): void {
  const forms = operatorForms(app, deps, { below: '/reports', command: 'sidegate report', failedLogins });
  app.get('/reports', (c) => list(c, deps));
  for (const decision of decisions)
    forms.post(`/reports/:buildset/${decision}`, (c, one) => decide(c, deps, { ...one, decision }));
  for (const waiting of fates)
    forms.post(`/reports/jobs/:job/${waiting}`, (c, one) => resume(c, deps, { ...one, waiting }));
}

async function list(c: Context, deps: WebDeps): Promise<Response> {
  const [held, stopped] = await Promise.all([deps.heldReports(), deps.stoppedJobs()]);
  return await page(c, deps, {
    title: 'Reports that wait',
    here: 'reports',
    summary: reportsSummary(held.length, stopped.length),
    body: reportsBody({ held, stopped }, { mayDecide: deps.operator !== undefined, now: Date.now() }),
    live: undefined,
  });
}

async function decide(
  c: Context,
  deps: WebDeps,
  { decision, operator, user }: LoggedIn & { readonly decision: ReportDecision },
): Promise<Response> {
  const buildset = c.req.param('buildset') ?? '';
  try {
    // What is no id is none that waits.
    await operator.decideReport({ buildset: uuid.test(buildset) ? buildset : '', decision, by: user });
  } catch (error) {
    if (errorCode(error) !== 'not-found') throw error;
    const text = 'Somebody decided before, or a newer patchset came.';
    return await messagePage(c, deps, { status: 404, title: 'It does not wait any more', text });
  }
  deps.log?.info({ buildset, decision, operator: user }, 'a report that waited was decided on the pages');
  return c.redirect('/reports', 303);
}

async function resume(
  c: Context,
  deps: WebDeps,
  { operator, user, waiting }: LoggedIn & { readonly waiting: (typeof fates)[number] },
): Promise<Response> {
  const job = c.req.param('job') ?? '';
  try {
    await operator.resumeReports({ job, by: user, waiting });
  } catch (error) {
    if (errorCode(error) !== 'not-found') throw error;
    const text = 'Somebody resumed them before, or the job succeeded.';
    return await messagePage(c, deps, { status: 404, title: 'They are not stopped any more', text });
  }
  deps.log?.info({ job, waiting, operator: user }, 'reports of a job go on, by the pages');
  return c.redirect('/reports', 303);
}
