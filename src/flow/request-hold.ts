import { SidegateError } from '../domain/errors.ts';
import { globMatches } from '../domain/glob.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { Settings } from '../domain/settings.ts';
import { parseSshPublicKey } from '../domain/ssh-public-key.ts';
import type { HoldWish, NewHold } from '../ports/hold-store.ts';
import type { Store } from '../ports/store.ts';

/** Held so long unless the wish says otherwise (ms). */
const usualTtl = 4 * 3_600_000;
const shortestTtl = 60_000;
/** A wish that no build fits ends after this (ms). */
const patience = 7 * 86_400_000;
/** Wishes and holds at the same time: whoever can ask could otherwise fill the table. */
const maxOpen = 100;
const maxReason = 500;
const maxName = 100;
const maxProject = 300;
const isUuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Of PostgreSQL's `integer`. */
const maxChange = 2_147_483_647;

export interface HoldRequest extends HoldWish {
  readonly reason: string;
  readonly requestedBy: string;
  /** What the person gave as their public key; checked here. */
  readonly sshKey: string;
  /** Milliseconds; undefined: four hours, or the longest allowed. */
  readonly ttl?: number | undefined;
}

export interface HoldNeeds {
  readonly store: Pick<Store, 'findBuild' | 'holds' | 'insertHold'>;
  readonly settings: Pick<Settings, 'hold' | 'jobs' | 'projects'>;
}

/**
 * Writes down the wish to keep a server for a person; the build that fits keeps it when it ends. Returns the id, or throws
 * `hold-refused` with everything that is wrong.
 */
export async function requestHold(needs: HoldNeeds, request: HoldRequest): Promise<string> {
  const { settings, store } = needs;
  const key = parseSshPublicKey(request.sshKey);
  const hold: NewHold = {
    build: request.build,
    project: request.project,
    changeNumber: request.changeNumber,
    job: request.job,
    reason: oneLine(request.reason, maxReason),
    requestedBy: oneLine(request.requestedBy, maxName),
    sshKey: 'line' in key ? key.line : '',
    ttl: request.ttl ?? Math.min(usualTtl, settings.hold.maxTtl),
    patience,
  };
  const problems = [
    ...('problem' in key ? [`the SSH key ${key.problem}`] : []),
    ...textProblems(hold),
    ...ttlProblems(hold.ttl, settings),
    ...wishProblems(hold, settings),
    ...(await buildProblems(hold, store)),
    ...(await roomProblems(needs)),
  ];
  if (problems.length > 0) throw new SidegateError('hold-refused', `${problems.join('; ')}.`);
  return store.insertHold(hold);
}

function textProblems({ reason, requestedBy }: NewHold): readonly string[] {
  return [
    ...(reason === '' ? ['say for what reason'] : []),
    ...(requestedBy === '' ? ['say who wants the server'] : []),
  ];
}

function ttlProblems(ttl: number, { hold }: HoldNeeds['settings']): readonly string[] {
  if (ttl > hold.maxTtl) return [`a server may be held for ${hold.maxTtl / 60_000} minutes at most (hold.max_ttl)`];
  return ttl >= shortestTtl ? [] : ['a server is held for a minute at least'];
}

function wishProblems(
  { build, project, changeNumber, job }: HoldWish,
  settings: HoldNeeds['settings'],
): readonly string[] {
  const problems: string[] = [];
  if (build !== undefined && [project, changeNumber, job].some((other) => other !== undefined))
    problems.push('name a build, or project, change and job, not both');
  if (job !== undefined && !settings.jobs.some(({ name }) => name === job))
    problems.push(`there is no job ${oneLine(job, maxName)}`);
  if (project !== undefined && !isConfigured(project, settings))
    problems.push(`the project ${oneLine(project, maxName)} is not configured`);
  if (changeNumber !== undefined && !(Number.isInteger(changeNumber) && changeNumber > 0 && changeNumber <= maxChange))
    problems.push('a change is given by its number');
  return problems;
}

function isConfigured(project: string, { projects }: HoldNeeds['settings']): boolean {
  return project.length <= maxProject && projects.some((configured) => globMatches(configured.project, project));
}

async function buildProblems({ build: id }: HoldWish, store: HoldNeeds['store']): Promise<readonly string[]> {
  if (id === undefined) return [];
  const build = isUuid.test(id) ? await store.findBuild(id) : undefined;
  if (!build) return [`there is no build ${oneLine(id, maxName)}`];
  if (build.state !== 'done') return [];
  return ['the build is done and its server is going: name its change and job instead, and test it again'];
}

async function roomProblems({ store, settings }: HoldNeeds): Promise<readonly string[]> {
  if (settings.hold.maxServers === 0) return ['hold.max_servers is 0: no server may be held'];
  const open = (await store.holds(maxOpen)).filter(({ state }) => state !== 'ended');
  return open.length < maxOpen ? [] : [`there are ${maxOpen} wishes already: release some`];
}
