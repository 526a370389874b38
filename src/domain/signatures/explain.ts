import { causeRules, causes, isInfra } from '../cause.ts';
import type { Cause } from '../cause.ts';
import { anyGlobMatches } from '../glob.ts';
import type { Signature, SignatureHit } from './signature.ts';

/** What is known of a failed build without its signatures. */
export interface Unexplained {
  readonly cause: Cause;
  /** Names of the tests that failed; may be fewer than `failed`. */
  readonly failedTests: readonly string[];
  /** How many failed. */
  readonly failed: number;
}

/** What no log can change: it is known from elsewhere. */
const certain: ReadonlySet<Cause> = new Set(['cancelled', 'merge-conflict', 'dependencies', 'service', 'branch']);

/** That a server is silent or gone is what was seen; what it died of may stand in its logs. Other infrastructure is named more closely alone. */
const seen: ReadonlySet<Cause> = new Set(['network', 'server']);
const died: ReadonlySet<Cause> = new Set(['server', 'disk']);

/**
 * The signature among those found that says best why the build failed. One that names tests explains these alone; what fails of the change
 * stays the change's. Undefined: none does.
 */
export function explain(
  unexplained: Unexplained,
  hits: readonly SignatureHit[],
  signatures: readonly Signature[],
): Signature | undefined {
  const found = new Set(hits.map(({ signature }) => signature));
  const candidates = signatures
    .filter((signature) => found.has(signature.id) && mayExplain(signature, unexplained))
    .toSorted(byImportance);
  if (unexplained.cause !== 'patch') return candidates[0];
  const others = candidates.filter(({ cause }) => cause !== 'patch');
  const explaining = explainsAll(others, unexplained) ? others : candidates.filter(({ cause }) => cause === 'patch');
  return explaining[0];
}

function byImportance(one: Signature, other: Signature): number {
  return causes.indexOf(one.cause) - causes.indexOf(other.cause) || (one.id < other.id ? -1 : 1);
}

function mayExplain({ cause, tests }: Signature, { cause: now, failed, failedTests }: Unexplained): boolean {
  if (certain.has(now)) return false;
  if (isInfra(now)) return tests === undefined && namesCloser(cause, now, failed);
  if (now !== 'patch') return cause !== 'patch' && tests === undefined;
  if (tests === undefined) return causeRules[cause].explainsTests || cause === 'patch';
  return failedTests.some((name) => anyGlobMatches(tests, name));
}

/** What several builds fail of before their tests is the lab, and may well be known by name. */
function namesCloser(cause: Cause, now: Cause, failed: number): boolean {
  if (now === 'lab-wide') return failed === 0 && isInfra(cause);
  return cause === now || (seen.has(now) && died.has(cause));
}

/** Of the failed tests, none is left without an explanation. */
function explainsAll(signatures: readonly Signature[], { failed, failedTests }: Unexplained): boolean {
  if (signatures.some(({ tests }) => tests === undefined)) return true;
  const patterns = signatures.flatMap(({ tests }) => tests ?? []);
  return failedTests.length >= failed && failedTests.every((name) => anyGlobMatches(patterns, name)) && failed > 0;
}
