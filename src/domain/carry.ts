import { isApplicable } from './dependencies.ts';
import type { CarriedChange, Dependencies, JobCarry } from './dependencies.ts';
import { branchMatches } from './glob.ts';
import { patchsetName } from './patchset.ts';
import type { Patchset } from './patchset.ts';
import { isPatchset } from './tested-ref.ts';
import type { TestedRef } from './tested-ref.ts';

/** A change that a job shall apply on top of what it tests, as configured. */
export interface CarryWish {
  readonly connection: string;
  readonly number: number;
  readonly reason: string;
  /** Branches under test for which it is applied, patterns with `*`; undefined: its own. */
  readonly branches: readonly string[] | undefined;
}

/** A carried change as its Gerrit has it now. */
export interface FoundCarry {
  readonly patchset: Patchset;
  readonly status: 'open' | 'merged' | 'abandoned';
  readonly isPrivate: boolean;
}

export type CarryDecision =
  | { readonly kind: 'applied'; readonly change: CarriedChange }
  /** Not here, and nothing is wrong. */
  | { readonly kind: 'left'; readonly why: string }
  /** The branch has it: nobody need carry it any more. */
  | { readonly kind: 'merged'; readonly why: string }
  /** The job would test something else than it is configured to. */
  | { readonly kind: 'unusable'; readonly why: string };

/** What becomes of one wish. `found`: undefined when there is no such change that this account may see. */
export function decideCarry(
  wish: CarryWish,
  found: FoundCarry | undefined,
  tested: TestedRef,
  dependencies: Dependencies,
): CarryDecision {
  const name = wishName(wish);
  if (!found) return { kind: 'unusable', why: `There is no change ${name}.` };
  const { patchset, status } = found;
  if (!isForBranch(wish, patchset, tested))
    return { kind: 'left', why: `Carried change ${name} is for the branch ${patchset.branch}.` };
  if (status === 'merged') return { kind: 'merged', why: `Carried change ${name} is merged.` };
  if (isTestedAnyway(patchset, tested, dependencies))
    return { kind: 'left', why: `Carried change ${name} is among what is tested.` };
  // Its code would be seen in logs that everybody reads.
  if (found.isPrivate) return { kind: 'unusable', why: `Change ${name} is private.` };
  if (!isApplicable(patchset))
    return { kind: 'unusable', why: `The project or branch of change ${name} has an unusual name.` };
  return { kind: 'applied', change: { ...patchset, isAbandoned: status === 'abandoned', reason: wish.reason } };
}

/** `912345 on review`. */
function wishName({ connection, number }: Pick<CarryWish, 'connection' | 'number'>): string {
  return `${number} on ${connection}`;
}

/** What the operator is told about one carried change of one job. */
export function carrySubject(job: string, wish: Pick<CarryWish, 'connection' | 'number'>): string {
  return `carried change ${wishName(wish)} in ${job}`;
}

export function carryOf({ carried }: Dependencies, job: string): JobCarry | undefined {
  return carried?.find((one) => one.job === job);
}

/** For a sentence: `openstack/nova 7,3, openstack/tempest 9,1`. */
export function carriedNames({ changes }: JobCarry): string {
  return changes.map(patchsetName).join(', ');
}

/** A project is on one branch at a time: what is for another branch of it cannot be applied beside the change under test. */
function isForBranch({ branches }: CarryWish, carried: Patchset, tested: TestedRef): boolean {
  const isSameProject = carried.connection === tested.connection && carried.project === tested.project;
  if (isSameProject || branches === undefined) return carried.branch === tested.branch;
  return branchMatches(branches, tested.branch);
}

/** The change under test, one it depends on, or one that any of these is based on. */
function isTestedAnyway(
  { connection, number }: Patchset,
  tested: TestedRef,
  { ancestors, changes }: Dependencies,
): boolean {
  return [...(isPatchset(tested) ? [tested] : []), ...changes, ...ancestors].some(
    (one) => one.connection === connection && one.number === number,
  );
}
