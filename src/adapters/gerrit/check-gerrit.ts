import { SidegateError, errorText } from '../../domain/errors.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import { openEventStream } from './event-stream.ts';
import { account } from './fields.ts';
import { checkRights } from './check-rights.ts';
import { checkVotes } from './check-votes.ts';
import type { ExpectedVotes } from './check-votes.ts';
import type { Finding } from '../../domain/finding.ts';
import { createGerritRest } from './rest.ts';
import type { GerritRest } from './rest.ts';

export interface GerritExpectation {
  /** Configured name of this CI: must be the account's full name. */
  readonly ciName: string;
  readonly projects: readonly ExpectedVotes[];
}

const clockTolerance = 60_000;

/** For `sidegate doctor`: really logs in both ways and says per item what is right, wrong and how to mend it. */
export async function checkGerrit(access: GerritAccess, expectation: GerritExpectation): Promise<readonly Finding[]> {
  const rest = createGerritRest(access);
  const findings = [...(await checkSsh(access)), ...(await checkAccount(rest, expectation.ciName))];
  if (findings.some((finding) => finding.what === restLogin && !finding.ok)) return findings;
  findings.push(...(await checkRights(rest)));
  for (const project of expectation.projects) findings.push(...(await checkVotes(rest, project)));
  return findings;
}

const hostKey = 'SSH host key';
const sshLogin = 'SSH login';
const streamEvents = 'stream-events';
const restLogin = 'REST login';

/** What went wrong says how far it got. */
const sshSteps = [
  { what: hostKey, code: 'gerrit-host-key', good: 'is the configured one' },
  { what: sshLogin, code: 'gerrit-auth', good: 'works' },
  { what: streamEvents, code: 'gerrit-no-stream', good: 'may be read' },
] as const;

async function checkSsh(access: GerritAccess): Promise<Finding[]> {
  const closing = new AbortController();
  try {
    const { ended } = await openEventStream(access, {
      onLine: () => undefined,
      types: ['patchset-created'],
      signal: closing.signal,
      logger: undefined,
    });
    closing.abort();
    await ended;
    return sshSteps.map((step) => good(step.what, step.good));
  } catch (error) {
    return sshFindings(error);
  }
}

function sshFindings(error: unknown): Finding[] {
  const failed = sshSteps.findIndex((step) => error instanceof SidegateError && step.code === error.code);
  if (failed < 0) return [bad('SSH', error)];
  const passed = sshSteps.slice(0, failed).map((step) => good(step.what, step.good));
  return [...passed, bad(sshSteps[failed]?.what ?? 'SSH', error)];
}

async function checkAccount(rest: GerritRest, ciName: string): Promise<Finding[]> {
  try {
    const before = Date.now();
    const answer = await rest.send('GET', '/config/server/version');
    const clock = clockFinding(answer.date, before, Date.now());
    const self = await rest.get('/accounts/self', account);
    return [
      good(restLogin, `works as ${self.username ?? 'an account without username'}`),
      nameFinding(self.name ?? '', ciName),
      mailFinding(self.email ?? ''),
      clock,
    ];
  } catch (error) {
    return [bad(restLogin, error)];
  }
}

/** OpenStack's rule for third-party CI, and how the summary tab recognises one. */
function nameFinding(name: string, ciName: string): Finding {
  const what = 'full name of the account';
  const detail = `is ${JSON.stringify(name)}`;
  if (name !== ciName) {
    const todo = `Make \`name\` in the configuration and the full name in Gerrit's settings the same; configured is ${JSON.stringify(ciName)}.`;
    return { ok: false, what, detail, todo };
  }
  if (name.endsWith(' CI')) return { ok: true, what, detail, todo: '' };
  return { ok: false, what, detail, todo: 'Rename the account in Gerrit and here: `Organization Product CI`.' };
}

/** OpenStack's rule: an account of the CI's own, whose mail somebody reads. */
function mailFinding(address: string): Finding {
  const what = 'e-mail of the account';
  if (address !== '') return { ok: true, what, detail: `is ${address}`, todo: '' };
  const todo = 'Register a mailbox that the operators read: Gerrit → Settings → Email Addresses.';
  return { ok: false, what, detail: 'is missing', todo };
}

function clockFinding(date: number | undefined, before: number, after: number): Finding {
  const what = 'clock';
  if (date === undefined) return { ok: true, what, detail: 'Gerrit sends no date: not compared', todo: '' };
  const difference = Math.max(0, before - date - 1000, date - after);
  const detail = `differs from Gerrit's by ${Math.round(difference / 1000)} s`;
  if (difference <= clockTolerance) return { ok: true, what, detail, todo: '' };
  return { ok: false, what, detail, todo: 'Set the clock of this host by NTP.' };
}

function good(what: string, detail: string): Finding {
  return { ok: true, what, detail, todo: '' };
}

function bad(what: string, error: unknown): Finding {
  return {
    ok: false,
    what,
    detail: errorText(error),
    todo: error instanceof SidegateError ? error.todo : 'See the detail.',
  };
}
