import { carrySubject, decideCarry } from '../domain/carry.ts';
import type { CarryDecision, CarryWish } from '../domain/carry.ts';
import type { CarriedChange, Dependencies, JobCarry } from '../domain/dependencies.ts';
import { SidegateError, errorCode, errorText } from '../domain/errors.ts';
import { patchsetName } from '../domain/patchset.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { TestedRef } from '../domain/tested-ref.ts';
import type { DependencyRead } from '../ports/dependency-store.ts';
import type { FoundChange } from '../ports/code-review.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';
import { enoughTries, finalCodes } from './give-up-reading.ts';

/** What jobs carry, as Gerrit has it now. */
export interface FoundCarried {
  readonly carried: readonly JobCarry[];
  /** Jobs that cannot be run as they are configured, and why. */
  readonly refused: readonly { readonly job: string; readonly reason: string }[];
  /** What the operator is told, or need not be told any more. */
  readonly told: readonly { readonly subject: string; readonly text: string | undefined }[];
}

interface Looked {
  readonly wish: CarryWish;
  readonly decision: CarryDecision;
}

/** Asks Gerrit for what the jobs of a buildset carry. Throws what Gerrit's failures are, as long as waiting may mend them. */
export async function findCarried(
  flow: Pick<Flow, 'reviews' | 'settings'>,
  { jobs, tested, tries }: DependencyRead,
  dependencies: Dependencies,
): Promise<FoundCarried> {
  const known = new Map<string, Promise<FoundChange | undefined>>();
  const find = (wish: CarryWish) => {
    const key = `${wish.connection} ${wish.number}`;
    const found = known.get(key) ?? findOne(flow, wish);
    known.set(key, found);
    return found;
  };
  const lists = flow.settings.jobs.filter(({ carry = [], name }) => carry.length > 0 && jobs.includes(name));
  const perJob = [];
  for (const { carry = [], name } of lists) {
    const looked: Looked[] = [];
    for (const wish of carry)
      looked.push({ wish, decision: await decide({ wish, find, tries }, tested, dependencies) });
    perJob.push({ job: name, looked });
  }
  return {
    carried: perJob.map(toJobCarry),
    refused: perJob.flatMap(({ job, looked }) => {
      const [first] = looked.flatMap(({ decision }) => (decision.kind === 'unusable' ? [decision.why] : []));
      return first === undefined ? [] : [{ job, reason: `What the job ${job} carries cannot be applied. ${first}` }];
    }),
    told: perJob.flatMap(({ job, looked }) => looked.flatMap((one) => toldOf(job, one))),
  };
}

/** Each once: the same notice again only counts. */
export async function tellCarried(tx: Store, { told }: FoundCarried): Promise<void> {
  for (const { subject, text } of told)
    await (text === undefined
      ? tx.closeNotice('carry-over', subject)
      : tx.saveNotice({ code: 'carry-over', subject, text }));
}

interface Ask {
  readonly wish: CarryWish;
  readonly find: (wish: CarryWish) => Promise<FoundChange | undefined>;
  readonly tries: number;
}

async function decide(
  { wish, find, tries }: Ask,
  tested: TestedRef,
  dependencies: Dependencies,
): Promise<CarryDecision> {
  try {
    return decideCarry(wish, await find(wish), tested, dependencies);
  } catch (error) {
    if (tries < enoughTries || !finalCodes.has(errorCode(error))) throw error;
    return { kind: 'unusable', why: errorText(error).slice(0, 500) };
  }
}

async function findOne({ reviews }: Pick<Flow, 'reviews'>, wish: CarryWish): Promise<FoundChange | undefined> {
  const review = reviews.get(wish.connection)?.review;
  if (!review) throw new SidegateError('not-found', `the Gerrit connection ${wish.connection} is not configured`);
  return (await review.findChanges({ number: wish.number }))[0];
}

function toJobCarry({ job, looked }: { readonly job: string; readonly looked: readonly Looked[] }): JobCarry {
  const changes: CarriedChange[] = [];
  const left: string[] = [];
  for (const { decision } of looked) {
    if (decision.kind === 'applied') changes.push(decision.change);
    else left.push(oneLine(decision.why, 500));
  }
  return { job, changes, left };
}

/** One that is not for this branch says nothing about how it stands. */
function toldOf(job: string, { decision, wish }: Looked): FoundCarried['told'] {
  const subject = carrySubject(job, wish);
  switch (decision.kind) {
    case 'applied': {
      const name = patchsetName(decision.change);
      const text = `Carried change ${name} is abandoned and still applied by the job ${job}.`;
      return [{ subject, text: decision.change.isAbandoned ? text : undefined }];
    }
    case 'merged':
      return [{ subject, text: `${decision.why} It is not applied any more: remove it from the job ${job}.` }];
    case 'left':
    case 'unusable':
      return [];
  }
}
