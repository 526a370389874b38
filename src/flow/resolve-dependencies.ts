import { noDependencies } from '../domain/dependencies.ts';
import { errorCode, errorText } from '../domain/errors.ts';
import { patchsetName } from '../domain/patchset.ts';
import type { DependencyRead } from '../ports/dependency-store.ts';
import type { Flow } from './context.ts';
import { createDependencyCache, followDependencies } from './follow-dependencies.ts';
import type { DependencyCache, FollowedDependencies } from './follow-dependencies.ts';
import { refuseBuildset } from './refuse-buildset.ts';

const atOnce = 8;
const firstPause = 2000;
const longestPause = 300_000;
/** Answers that waiting seldom mends: after this many tries, two minutes, the patchset is tested without its dependencies. */
const enoughTries = 7;
const finalCodes: ReadonlySet<string | undefined> = new Set(['not-found', 'gerrit-refused', 'input-too-large']);
/** A shorter trouble is not worth a notice. */
const triesUntold = 3;
/** Those of builds that wait for long: what they depend on gets new patchsets, or is merged (ms). */
const lookAgain = 10 * 60_000;
const mostCached = 20_000;

/**
 * 3. Resolve dependencies: what the patchsets of new buildsets are tested together with, before their builds are admitted: no test server
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
    const found = await followDependencies(flow, read.patchset, cache);
    await settle(flow, read, found);
    await flow.store.closeNotice('all', noticeSubject(read));
  } catch (error) {
    await putOff(flow, read, error);
  }
}

async function settle(flow: Flow, { buildset }: DependencyRead, found: FollowedDependencies): Promise<void> {
  if (found.kind === 'refused') return refuseBuildset(flow, buildset, found.reason);
  const { dependencies } = found;
  const mayChange = dependencies.changes.length > 0;
  await flow.store.transaction((tx) => tx.saveDependencies(buildset, dependencies, mayChange ? lookAgain : undefined));
}

async function putOff(flow: Flow, read: DependencyRead, error: unknown): Promise<void> {
  const { buildset, patchset, tries } = read;
  const code = errorCode(error) ?? 'internal';
  const trouble = errorText(error);
  flow.logger.warn({ patchset: patchsetName(patchset), tries, err: trouble }, 'dependencies not read');
  if (tries >= enoughTries && finalCodes.has(code)) {
    const ignored = [`What the change depends on could not be read: ${trouble}`.slice(0, 500)];
    return flow.store.transaction((tx) => tx.saveDependencies(buildset, { ...noDependencies, ignored }, undefined));
  }
  const pause = Math.min(firstPause * 2 ** (tries - 1), longestPause);
  await flow.store.putOffDependencyRead(
    buildset,
    pause,
    `Gerrit, to tell what the change depends on: ${trouble}`.slice(0, 500),
  );
  if (tries < triesUntold) return;
  const text = `What ${patchsetName(patchset)} depends on cannot be read: ${trouble}`;
  await flow.store.saveNotice({ code, subject: noticeSubject(read), text });
}

function noticeSubject({ patchset }: DependencyRead): string {
  return `dependencies on ${patchset.connection}`;
}
