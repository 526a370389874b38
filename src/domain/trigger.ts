import type { CommentAuthor, CommentEvent, PatchsetEvent, ReviewEvent } from './event.ts';
import { branchMatches, globMatches } from './glob.ts';
import type { Change } from './patchset.ts';
import { calledPipelines, recheckCall, recheckNames } from './recheck.ts';
import { filterEntries } from './change-filter.ts';
import { oneLine } from './sanitize.ts';
import type { Pipeline, ProjectSettings, Settings } from './settings.ts';

/** What an event leads to. */
export interface Decision {
  /** `run`: `runs` is not empty. `cancel`: nothing runs, something ends. `ignore`: nothing happens. */
  readonly action: 'run' | 'cancel' | 'ignore';
  /** One buildset each. */
  readonly runs: readonly PipelineRun[];
  /** Builds of this change that lost their purpose: those of older patchsets, or all of them. Also set beside runs. */
  readonly cancels: 'none' | 'older-patchsets' | 'change';
  /** A patchset that has its result, or is about to get it, is not run again: only new patchsets and rechecks ask for that. */
  readonly isOnce: boolean;
  /** One line for people; may hold markup from Gerrit, escape it wherever it is shown. */
  readonly reason: string;
}

interface PipelineRun {
  readonly pipeline: string;
  readonly jobs: readonly string[];
}

/** Our own account on that Gerrit. */
export interface OwnAccount {
  readonly connection: string;
  readonly username: string;
}

/** The trigger rules: which jobs an event starts and which builds it ends. */
export function decide(event: ReviewEvent, settings: Settings, own: OwnAccount): Decision {
  const decision = decideByType(event, settings, own);
  // Names and comments come from Gerrit as people wrote them, terminal escapes included.
  return { ...decision, reason: oneLine(decision.reason, 500) };
}

function decideByType(event: ReviewEvent, settings: Settings, own: OwnAccount): Decision {
  const change = 'patchset' in event ? event.patchset : event.change;
  const entries = matchingEntries(change, settings);
  if (entries.length === 0) return ignore(notConfigured(change, settings));
  switch (event.type) {
    case 'comment-added':
      return onComment(event, entries, { settings, own });
    case 'change-abandoned':
      return { ...nothing, action: 'cancel', cancels: 'change', reason: 'The change was abandoned.' };
    case 'change-merged':
      return { ...nothing, action: 'cancel', cancels: 'change', reason: 'The change was merged.' };
    case 'patchset-created':
    case 'change-restored':
    case 'ready-for-review':
    case 'made-public':
      return onPatchset(event, entries, settings);
  }
}

const nothing: Omit<Decision, 'reason'> = { action: 'ignore', runs: [], cancels: 'none', isOnce: false };

const titles: Readonly<Record<PatchsetEvent['type'], string>> = {
  'patchset-created': 'New patchset',
  'change-restored': 'The change was restored',
  'ready-for-review': 'The change is no longer work in progress',
  'made-public': 'The change is no longer private',
};

function onPatchset(event: PatchsetEvent, entries: readonly ProjectSettings[], settings: Settings): Decision {
  const isNew = event.type === 'patchset-created';
  const cancels = isNew ? 'older-patchsets' : 'none';
  const pipelines = settings.pipelines.filter(({ triggers }) =>
    triggers.some((trigger) => trigger.event === event.type),
  );
  const filtered = filterEntries(entries, event.patchset, event.facts);
  const runs = runsOf(pipelines, filtered.passed);
  const title = titles[event.type];
  if (runs.length > 0) return { action: 'run', runs, cancels, isOnce: !isNew, reason: `${title}: ${listed(runs)}.` };
  const why = filtered.passed.length === 0 ? filtered.reason : `no pipeline of this project runs on ${event.type}.`;
  if (!isNew) return ignore(`${title}: ${why}`);
  return { ...nothing, action: 'cancel', cancels, reason: `${title}: older ones are obsolete; ${why}` };
}

interface CommentContext {
  readonly settings: Settings;
  readonly own: OwnAccount;
}

function onComment(event: CommentEvent, entries: readonly ProjectSettings[], context: CommentContext): Decision {
  const { settings } = context;
  const approved = onApproval(event, entries, settings);
  if (approved) return approved;
  const machine = whyMachine(event, settings, context.own);
  if (machine) return ignore(machine);
  const names = settings.pipelines.flatMap((pipeline) => recheckNames(pipeline) ?? []);
  const calls = event.texts
    .map((text) => recheckCall(text, names, settings.name))
    .filter((call) => call.kind !== 'none');
  if (calls.length === 0) return ignore('The comment is no recheck.');
  const called = new Set(calls.flatMap((call) => calledPipelines(settings.pipelines, call)));
  // Who asks for it by hand knows that it is work in progress.
  const filtered = filterEntries(entries, event.patchset, event.facts && { ...event.facts, isWorkInProgress: false });
  const runs = runsOf([...called], filtered.passed);
  const said = `${calls.map((call) => `"${call.words}"`).join(', ')} by ${authorName(event.author)}`;
  if (filtered.passed.length === 0) return ignore(`${said}: ${filtered.reason}`);
  if (runs.length === 0) return ignore(`${said}: no pipeline it calls runs for this project.`);
  return { action: 'run', runs, cancels: 'none', isOnce: false, reason: `${said}: ${listed(runs)}.` };
}

/** Votes are taken from the account that is named, machine or not; undefined: the comment has none that runs something. */
function onApproval(
  event: CommentEvent,
  entries: readonly ProjectSettings[],
  settings: Settings,
): Decision | undefined {
  const { approvals = [], author, facts, patchset } = event;
  const pipelines = settings.pipelines.filter(({ triggers }) =>
    triggers.some(
      (trigger) =>
        trigger.event === 'approval' &&
        trigger.by === author.username &&
        approvals.some(({ label, value }) => label === trigger.label && value === trigger.value),
    ),
  );
  const runs = runsOf(pipelines, filterEntries(entries, patchset, facts).passed);
  if (runs.length === 0) return undefined;
  return {
    action: 'run',
    runs,
    cancels: 'none',
    isOnce: true,
    reason: `Vote of ${authorName(author)}: ${listed(runs)}.`,
  };
}

/** Why a comment is a machine's: CIs quote the word recheck in their help texts and would trigger each other for ever. */
function whyMachine(event: CommentEvent, settings: Settings, own: OwnAccount): string | undefined {
  const { username, name } = event.author;
  const ours = username === own.username && event.patchset.connection === own.connection;
  if (ours || name?.trim() === settings.name) return 'The comment is our own.';
  return isMachine(event.author) ? `The comment is by another CI or bot (${authorName(event.author)}).` : undefined;
}

/** `Organization Product CI`, `OpenStack Proposal Bot`, Zuul, Jenkins: names as OpenDev's rules for CI accounts ask for. */
function isMachine(author: CommentAuthor): boolean {
  const name = (author.name ?? '').trim();
  const username = author.username ?? '';
  const known = /^(?:zuul|jenkins)$/i;
  return / CI$|\bBot$/.test(name) || /[-_](?:ci|bot)$/i.test(username) || known.test(name) || known.test(username);
}

function matchingEntries(change: Change, settings: Settings): readonly ProjectSettings[] {
  return settings.projects.filter(
    (entry) => projectMatches(entry, change) && branchMatches(entry.branches, change.branch),
  );
}

function projectMatches(entry: ProjectSettings, change: Change): boolean {
  return entry.connection === change.connection && globMatches(entry.project, change.project);
}

function notConfigured(change: Change, settings: Settings): string {
  const known = settings.projects.some((entry) => projectMatches(entry, change));
  if (known) return `Branch ${change.branch} of ${change.project} is not configured.`;
  return `Project ${change.project} is not configured.`;
}

/** In the order of the configuration; entries that match together add their jobs, each job once. */
function runsOf(pipelines: readonly Pipeline[], entries: readonly ProjectSettings[]): readonly PipelineRun[] {
  return pipelines.flatMap(({ name }) => {
    const jobs = new Set(entries.flatMap(({ pipelines: own }) => (Object.hasOwn(own, name) ? (own[name] ?? []) : [])));
    return jobs.size > 0 ? [{ pipeline: name, jobs: [...jobs] }] : [];
  });
}

function listed(runs: readonly PipelineRun[]): string {
  return runs.map((run) => `${run.pipeline} runs ${run.jobs.join(', ')}`).join('; ');
}

function authorName(author: CommentAuthor): string {
  return author.name ?? author.username ?? 'an account without a name';
}

function ignore(reason: string): Decision {
  return { ...nothing, reason };
}
