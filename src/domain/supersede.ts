import type { BranchEvent, ChangeEvent } from './event.ts';

/** What somebody or something wants of a change: an event, one of the two that comments mean, or the operator's `enqueue`. */
export type Occasion = Exclude<ChangeEvent['type'], 'comment-added'> | 'recheck' | 'approval' | 'enqueue';

export interface SupersedeRule {
  /** Builds it ends, queued and running ones, in all pipelines; they are not reported. */
  readonly ends: 'none' | 'older-patchsets' | 'change';
  /** What becomes of the patchset in a pipeline where it is queued or running, has its result, or was stopped before it had one. */
  readonly queuedOrRunning: 'ignored' | 'ended';
  readonly withResult: 'runs' | 'ignored';
  readonly stopped: 'runs' | 'ignored';
  /** When it is about a patchset that is not the newest one known. */
  readonly ofOlderPatchset: 'runs' | 'ignored' | 'ended';
}

const asks = { ends: 'none', queuedOrRunning: 'ignored', withResult: 'runs', stopped: 'runs' } as const;
const once = { ...asks, withResult: 'ignored', ofOlderPatchset: 'ignored' } as const;
const closes = {
  ends: 'change',
  queuedOrRunning: 'ended',
  withResult: 'ignored',
  stopped: 'ignored',
  ofOlderPatchset: 'ended',
} as const;

/** The one table of what takes whose place; `docs/triggers.md` shows it, `decide-events.test.ts` tests each of its cells. */
export const supersedeRules: Readonly<Record<Occasion, SupersedeRule>> = {
  // Backfill may find one that was tested for another reason: a private change is not announced until it is public.
  'patchset-created': { ...once, ends: 'older-patchsets' },
  recheck: { ...asks, ofOlderPatchset: 'ignored' },
  enqueue: { ...asks, ofOlderPatchset: 'runs' },
  approval: once,
  'change-restored': once,
  'ready-for-review': once,
  'made-public': once,
  'change-abandoned': closes,
  'change-merged': closes,
};

/** What a decision takes over from the table. */
export function supersedes(occasion: Occasion): { readonly cancels: SupersedeRule['ends']; readonly isOnce: boolean } {
  const { ends, withResult } = supersedeRules[occasion];
  return { cancels: ends, isOnce: withResult === 'ignored' };
}

/**
 * Of branches: a newer tip takes the place of those that are queued. Those that run go on, or a branch that changes often would never get a
 * result. `withResult` is about the same commit.
 */
export const branchRules: Readonly<Record<BranchEvent['type'], Pick<SupersedeRule, 'withResult'>>> = {
  'ref-updated': { withResult: 'ignored' },
  periodic: { withResult: 'runs' },
};
