import { noDependencies } from '../domain/dependencies.ts';
import { errorCode, errorText } from '../domain/errors.ts';
import { isPatchset, testedName } from '../domain/tested-ref.ts';
import type { DependencyRead } from '../ports/dependency-store.ts';
import type { Flow } from './context.ts';
import { findCarried, tellCarried } from './find-carried.ts';
import { createDependencyCache, followDependencies } from './follow-dependencies.ts';
import type { DependencyCache, FollowedDependencies } from './follow-dependencies.ts';
import { enoughTries, finalCodes } from './give-up-reading.ts';
import { refuseBuildset, refuseJob } from './refuse-buildset.ts';

const atOnce = 8;
const firstPause = 2000;
const longestPause = 300_000;
/** A shorter trouble is not worth a notice. */
const triesUntold = 3;
/** Those of builds that wait for long: what they depend on gets new patchsets, or is merged (ms). */
const lookAgain = 10 * 60_000;
const mostCached = 20_000;

/**
 * 3. Resolve dependencies: what new buildsets are tested together with, and what their jobs carry, before their builds are admitted: no test server
 * waits for a slow Gerrit, and all jobs of a buildset test the same. Gerrit's failures put the builds off, for ever if need be.
 */
export function createDependencyResolver(flow: Flow): () => Promise<boolean> {
  const cache = createDependencyCache();
  return async () => {
    const reads = await flow.store.claimDependencyReads(atOnce);
    await Promise.all(reads.map((read) => resolveOne(flow, read, cache)));
    for (const known of [cache.footers, cache.chains]) if (known.size > mostCached) known.clear();
    return reads.length === atOnce;
  };
}

async function resolveOne(flow: Flow, read: DependencyRead, cache: DependencyCache): Promise<void> {
  try {
    const { found, isGivenUp } = await readDependencies(flow, read, cache);
    await settle(flow, read, found);
    if (!isGivenUp) await flow.store.closeNotice('all', noticeSubject(read));
  } catch (error) {
    await putOff(flow, read, error);
  }
}

/** A patchset whose dependencies cannot be read is tested without them in the end. */
async function readDependencies(
  flow: Flow,
  read: DependencyRead,
  cache: DependencyCache,
): Promise<{ readonly found: FollowedDependencies; readonly isGivenUp?: boolean }> {
  const { tested, tries } = read;
  if (!isPatchset(tested)) return { found: { kind: 'found', dependencies: noDependencies } };
  try {
    return { found: await followDependencies(flow, tested, cache) };
  } catch (error) {
    if (tries < enoughTries || !finalCodes.has(errorCode(error))) throw error;
    warn(flow, read, error);
    const ignored = [`What the change depends on could not be read: ${errorText(error)}`.slice(0, 500)];
    return { found: { kind: 'found', dependencies: { ...noDependencies, ignored } }, isGivenUp: true };
  }
}

async function settle(flow: Flow, read: DependencyRead, found: FollowedDependencies): Promise<void> {
  const { buildset } = read;
  if (found.kind === 'refused') return refuseBuildset(flow, buildset, found.reason);
  const carried = await findCarried(flow, read, found.dependencies);
  const dependencies = { ...found.dependencies, ...(carried.carried.length > 0 ? { carried: carried.carried } : {}) };
  const mayChange = dependencies.changes.length + carried.carried.length > 0;
  await flow.store.transaction(async (tx) => {
    for (const { job, reason } of carried.refused) await refuseJob(flow, tx, { buildset, job, reason });
    await tx.saveDependencies(buildset, dependencies, mayChange ? lookAgain : undefined);
    await tellCarried(tx, carried);
  });
}

async function putOff(flow: Flow, read: DependencyRead, error: unknown): Promise<void> {
  const { buildset, tested, tries } = read;
  const trouble = errorText(error);
  warn(flow, read, error);
  const pause = Math.min(firstPause * 2 ** (tries - 1), longestPause);
  await flow.store.putOffDependencyRead(
    buildset,
    pause,
    `Gerrit, to tell what the change depends on: ${trouble}`.slice(0, 500),
  );
  if (tries < triesUntold) return;
  const text = `What ${testedName(tested)} depends on cannot be read: ${trouble}`;
  await flow.store.saveNotice({ code: errorCode(error) ?? 'internal', subject: noticeSubject(read), text });
}

function warn({ logger }: Flow, { tested, tries }: DependencyRead, error: unknown): void {
  logger.warn({ tested: testedName(tested), tries, err: errorText(error) }, 'dependencies not read');
}

function noticeSubject({ tested }: DependencyRead): string {
  return `dependencies on ${tested.connection}`;
}
