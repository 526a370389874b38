import { filterEntries } from './change-filter.ts';
import type { Filtered } from './change-filter.ts';
import { changeOf } from './event.ts';
import type { ChangeEvent, ChangeFacts, CommentAuthor, CommentEvent, PatchsetEvent, PatchsetKind } from './event.ts';
import { filterByFiles, raiseOf } from './file-rules.ts';
import { branchMatches, globMatches } from './glob.ts';
import type { Change, Patchset } from './patchset.ts';
import { calledPipelines, recheckCall, recheckNames, runCommand } from './recheck.ts';
import { oneLine } from './sanitize.ts';
import type { Pipeline, ProjectSettings, Settings } from './settings.ts';
import { supersedes } from './supersede.ts';
import type { Occasion } from './supersede.ts';

/** What an event leads to. */
export interface Decision {
  /** `run`: `runs` is not empty. `cancel`: nothing runs, something ends. `ignore`: nothing happens. */
  readonly action: 'run' | 'cancel' | 'ignore';
  /** One buildset each. */
  readonly runs: readonly PipelineRun[];
  /** Builds of this change that lost their purpose: those of older patchsets, or all of them. Also set beside runs. */
  readonly cancels: 'none' | 'older-patchsets' | 'change';
  /** A patchset that has its result, or is about to get it, is not run again: only rechecks and `enqueue` ask for that. */
  readonly isOnce: boolean;
  /** Kinds for which the result of the patchset before counts: nothing is run where it has one. */
  readonly keeps?: readonly PatchsetKind[] | undefined;
  /** Added to the priority of each pipeline. */
  readonly raise?: number | undefined;
  /** A rule needs the files of the patchset, which were not given: the decision is not the last word. */
  readonly asksForFiles?: boolean | undefined;
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

/** `files` are those of the patchset; undefined: nobody read them, so none of their rules keeps anything out. */
export function decide(event: ChangeEvent, settings: Settings, own: OwnAccount, files?: readonly string[]): Decision {
  const decision = decideByType(event, { settings, own, files });
  // Names and comments come from Gerrit as people wrote them, terminal escapes included.
  return { ...decision, reason: oneLine(decision.reason, 500) };
}

interface Context {
  readonly settings: Settings;
  readonly own: OwnAccount;
  readonly files: readonly string[] | undefined;
}

function decideByType(event: ChangeEvent, context: Context): Decision {
  const { settings } = context;
  const change = changeOf(event);
  const entries = matchingEntries(change, settings);
  if (entries.length === 0) return ignore(notConfigured(change, settings));
  switch (event.type) {
    case 'comment-added':
      return onComment(event, entries, context);
    case 'change-abandoned':
      return { ...ends(event.type), reason: 'The change was abandoned.' };
    case 'change-merged':
      return { ...ends(event.type), reason: 'The change was merged.' };
    case 'patchset-created':
    case 'change-restored':
    case 'ready-for-review':
    case 'made-public':
      return onPatchset(event, entries, context);
  }
}

const nothing: Omit<Decision, 'reason'> = { action: 'ignore', runs: [], cancels: 'none', isOnce: false };

function ends(type: 'change-abandoned' | 'change-merged'): Omit<Decision, 'reason'> {
  return { ...nothing, action: 'cancel', cancels: supersedes(type).cancels };
}

const titles: Readonly<Record<PatchsetEvent['type'], string>> = {
  'patchset-created': 'New patchset',
  'change-restored': 'The change was restored',
  'ready-for-review': 'The change is no longer work in progress',
  'made-public': 'The change is no longer private',
};

function onPatchset(event: PatchsetEvent, entries: readonly ProjectSettings[], context: Context): Decision {
  const pipelines = context.settings.pipelines.filter(({ triggers }) =>
    triggers.some((trigger) => trigger.event === event.type),
  );
  const filtered = filterAll(event, entries, context);
  const runs = runsOf(pipelines, filtered.passed);
  const title = titles[event.type];
  const keeps = event.type === 'patchset-created' ? keptKinds(event, filtered.passed) : undefined;
  if (runs.length > 0)
    return {
      ...run(event.type, runs),
      ...fileFacts(filtered.passed, context),
      keeps,
      reason: `${title}: ${listed(runs)}.`,
    };
  const why = filtered.passed.length === 0 ? filtered.reason : `no pipeline of this project runs on ${event.type}.`;
  const { cancels } = supersedes(event.type);
  if (cancels === 'none') return ignore(`${title}: ${why}`);
  return { ...nothing, action: 'cancel', cancels, reason: `${title}: older ones are obsolete; ${why}` };
}

function onComment(event: CommentEvent, entries: readonly ProjectSettings[], context: Context): Decision {
  const { settings, own } = context;
  const approved = onApproval(event, entries, context);
  if (approved) return approved;
  const machine = whyMachine(event, settings, own);
  if (machine) return ignore(machine);
  const names = settings.pipelines.flatMap((pipeline) => recheckNames(pipeline) ?? []);
  const calls = event.texts
    .map((text) => recheckCall(text, names, settings.name))
    .filter((call) => call.kind !== 'none');
  if (calls.length === 0) return ignore('The comment is no recheck.');
  const called = new Set(calls.flatMap((call) => calledPipelines(settings.pipelines, call)));
  // Who asks for this CI by its name knows what the change touches; a bare recheck is meant for Zuul too.
  const isAddressed = calls.some((call) => call.kind === 'named' || call.words === runCommand(settings.name));
  // Who asks by hand knows that it is work in progress.
  const asked = { ...event, facts: event.facts && { ...event.facts, isWorkInProgress: false } };
  const filtered = filterAll(asked, entries, isAddressed ? { ...context, files: undefined } : context);
  const runs = runsOf([...called], filtered.passed);
  const said = `${calls.map((call) => `"${call.words}"`).join(', ')} by ${authorName(event.author)}`;
  if (filtered.passed.length === 0) return ignore(`${said}: ${filtered.reason}`);
  if (runs.length === 0) return ignore(`${said}: no pipeline it calls runs for this project.`);
  return {
    ...run('recheck', runs),
    ...fileFacts(filtered.passed, context, isAddressed),
    reason: `${said}: ${listed(runs)}.`,
  };
}

/** Votes are taken from the account that is named, machine or not; undefined: the comment has none that runs something. */
function onApproval(event: CommentEvent, entries: readonly ProjectSettings[], context: Context): Decision | undefined {
  const { approvals = [], author } = event;
  const pipelines = context.settings.pipelines.filter(({ triggers }) =>
    triggers.some(
      (trigger) =>
        trigger.event === 'approval' &&
        trigger.by === author.username &&
        approvals.some(({ label, value }) => label === trigger.label && value === trigger.value),
    ),
  );
  const { passed } = filterAll(event, entries, context);
  const runs = runsOf(pipelines, passed);
  if (runs.length === 0) return undefined;
  const reason = `Vote of ${authorName(author)}: ${listed(runs)}.`;
  return { ...run('approval', runs), ...fileFacts(passed, context), reason };
}

function run(occasion: Occasion, runs: readonly PipelineRun[]): Omit<Decision, 'reason'> {
  return { action: 'run', runs, ...supersedes(occasion) };
}

/** Filters that need no files first: where they let nothing through, Gerrit is not asked. */
function filterAll(
  { patchset, facts }: { readonly patchset: Patchset; readonly facts?: ChangeFacts | undefined },
  entries: readonly ProjectSettings[],
  { files }: Context,
): Filtered {
  const filtered = filterEntries(entries, patchset, facts);
  if (files === undefined || filtered.passed.length === 0) return filtered;
  return filterByFiles(filtered.passed, files);
}

function fileFacts(
  entries: readonly ProjectSettings[],
  { files }: Context,
  isAddressed = false,
): Pick<Decision, 'raise' | 'asksForFiles'> {
  if (files !== undefined) return { raise: raiseOf(entries, files) || undefined };
  const asks = entries.some(({ fileRules }) => fileRules && (!isAddressed || fileRules.urgent));
  return { asksForFiles: asks || undefined };
}

/** Undefined: the patchset is run whatever the one before it got. All entries that run something must agree. */
function keptKinds({ kind }: PatchsetEvent, entries: readonly ProjectSettings[]): Decision['keeps'] {
  const [first, ...others] = entries.map(({ keepVerdict }) => keepVerdict ?? []);
  const common = first?.filter((one) => others.every((other) => other.includes(one))) ?? [];
  return kind !== undefined && common.includes(kind) ? common : undefined;
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

/** Entries of the configuration that are for the change's project and branch. */
export function matchingEntries(change: OfBranch, settings: Settings): readonly ProjectSettings[] {
  return settings.projects.filter(
    (entry) => projectMatches(entry, change) && branchMatches(entry.branches, change.branch),
  );
}

function projectMatches(entry: ProjectSettings, change: OfBranch): boolean {
  return entry.connection === change.connection && globMatches(entry.project, change.project);
}

export function notConfigured(change: OfBranch, settings: Settings): string {
  const known = settings.projects.some((entry) => projectMatches(entry, change));
  if (known) return `Branch ${change.branch} of ${change.project} is not configured.`;
  return `Project ${change.project} is not configured.`;
}

type OfBranch = Pick<Change, 'connection' | 'project' | 'branch'>;

/** In the order of the configuration; entries that match together add their jobs, each job once. */
export function runsOf(pipelines: readonly Pipeline[], entries: readonly ProjectSettings[]): readonly PipelineRun[] {
  return pipelines.flatMap(({ name }) => {
    const jobs = new Set(entries.flatMap(({ pipelines: own }) => (Object.hasOwn(own, name) ? (own[name] ?? []) : [])));
    return jobs.size > 0 ? [{ pipeline: name, jobs: [...jobs] }] : [];
  });
}

export function listed(runs: readonly PipelineRun[]): string {
  return runs.map((run) => `${run.pipeline} runs ${run.jobs.join(', ')}`).join('; ');
}

function authorName(author: CommentAuthor): string {
  return author.name ?? author.username ?? 'an account without a name';
}

function ignore(reason: string): Decision {
  return { ...nothing, reason };
}
