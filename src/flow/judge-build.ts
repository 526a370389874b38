import { carriedNames, carryOf } from '../domain/carry.ts';
import { neverStartedText } from '../domain/guard/evidence.ts';
import type { Evidence } from '../domain/guard/evidence.ts';
import { judge } from '../domain/judge.ts';
import { nameCause } from '../domain/name-cause.ts';
import { notTestedText } from '../domain/proof.ts';
import type { Proof } from '../domain/proof.ts';
import type { LeasedSlot } from '../domain/slot.ts';
import type { EndedJob, JobEnd, Verdict } from '../domain/verdict.ts';
import type { Collected } from './collect-artifacts.ts';
import { compareEarlyFailures } from './compare-early-failures.ts';
import { compareFailures } from './compare-failures.ts';
import type { Flow } from './context.ts';
import { recognizeCause } from './recognize-cause.ts';
import { readEvidence } from './read-evidence.ts';
import { publishProof, readProof } from './read-proof.ts';
import type { BuildContext, Outcome } from './run-build.ts';
import { lookAtBackend } from './watch-backends.ts';

export interface Ended {
  /** Why the build was stopped, when it was. */
  readonly stopped: string | undefined;
  readonly end: Outcome<EndedJob>;
  readonly collected: Collected;
}

/** Gathers what lies around a job's end, what it did on z/VM, how the back end was, how others fared, and judges. */
export async function judgeBuild(context: BuildContext, { stopped, end, collected }: Ended): Promise<Verdict> {
  const { flow, job, lease } = context;
  const evidence = await readEvidence(context);
  if (evidence) await flow.store.saveEvidence(lease, evidence);
  const proof = end.ok ? await prove(context, evidence) : undefined;
  const infra = end.ok ? missingResults(end.value, collected) : end;
  const hasFailed = testsFailed(end, collected);
  const verdict = judge({
    ...collected,
    cancelReason: stopped,
    infra,
    end: end.ok ? end.value : undefined,
    phase: end.ok ? end.value.phase : undefined,
    testsExpected: job.testResults !== undefined,
    outage: (await outageOf(context, end, collected)) ?? evidence?.outage,
    sameFailure: hasFailed ? await compareFailures(context) : undefined,
    ...(await compareEarlyFailures(context, end, collected)),
    carried: carriedBy(context),
    notTested: proof && notTestedText(proof),
    baseline: hasFailed ? await flow.store.baselineOf(lease.buildId) : undefined,
  });
  const named = nameCause(verdict, await recognizeCause(context, verdict, infra?.detail));
  return withEvidence(named, evidence);
}

async function prove(context: BuildContext, evidence: Evidence | undefined): Promise<Proof> {
  const proof = await readProof(context, evidence);
  await context.flow.store.saveProof(context.lease, proof);
  await publishProof(context, proof);
  return proof;
}

function carriedBy({ build }: BuildContext): string | undefined {
  const carry = carryOf(build.dependencies, build.job);
  return carry && carry.changes.length > 0 ? carriedNames(carry) : undefined;
}

/** Tests of the API alone stay green when nova calls a server ACTIVE whose guest nobody started. */
function withEvidence(verdict: Verdict, evidence: Evidence | undefined): Verdict {
  const idle = evidence && neverStartedText(evidence);
  if (idle === undefined) return verdict;
  return { ...verdict, reason: `${verdict.reason} Deployed on z/VM and never started: ${idle}.` };
}

/** In a job that ran to its end. */
function testsFailed(end: Outcome<JobEnd>, { failedTests }: Collected): boolean {
  return end.ok && end.value.kind === 'exited' && failedTests.length > 0;
}

/** Of a job that was cut short it does not matter which tests it had done. */
function missingResults(end: JobEnd, { infra }: Collected): Collected['infra'] {
  return end.kind === 'exited' ? infra : undefined;
}

/**
 * What was wrong with the back end meanwhile. After a failure it is looked at once more: an outage that began a moment ago is none of the
 * patch's, and the next attempt must wait for its end.
 */
async function outageOf(
  { flow, build, signal }: BuildContext,
  end: Outcome<JobEnd>,
  { tests }: Collected,
): Promise<string | undefined> {
  if (!build.slot) return undefined;
  const exitedWell = end.ok && end.value.kind === 'exited' && end.value.status === 0;
  const isGood = exitedWell && (tests?.failed ?? 0) === 0;
  if (!isGood && !signal.aborted) await lookAtBackend(flow, build.slot.backend);
  return (
    (await flow.store.outageSince(build.slot.backend, build.startedAt)) ??
    (isGood ? undefined : await guardOutage(flow, build.slot))
  );
}

/** A guard that was opened twice was closed in between: sidegate was restarted while the worker may have called. */
async function guardOutage({ store }: Flow, slot: LeasedSlot): Promise<string | undefined> {
  return (await store.guardOpens(slot)) > 1 ? 'sidegate was restarted, and the guard closed for a moment' : undefined;
}
