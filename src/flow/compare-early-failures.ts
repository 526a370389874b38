import { earlyFailureBytes, earlyFailureOf, failsAlike, sameEarlyFailure } from '../domain/early-failure.ts';
import type { EarlyFailure } from '../domain/early-failure.ts';
import type { Evidence } from '../domain/judge.ts';
import { isPatchset } from '../domain/tested-ref.ts';
import type { EndedJob } from '../domain/verdict.ts';
import type { Collected } from './collect-artifacts.ts';
import { untilOthersFail } from './compare-failures.ts';
import { consoleEnd } from './console-end.ts';
import type { BuildContext, Outcome } from './run-build.ts';

/** Whether a job that failed before its tests did so as the branch had done, or as builds of other changes do at the same time. */
export async function compareEarlyFailures(
  context: BuildContext,
  end: Outcome<EndedJob>,
  { infra, tests }: Collected,
): Promise<Partial<Pick<Evidence, 'branchFailure' | 'sameFailure'>>> {
  const { flow, build, lease, signal } = context;
  if (!end.ok || infra || signal.aborted) return {};
  const ours = earlyFailureOf(end.value, tests, await consoleEnd(context, earlyFailureBytes));
  if (!ours) return {};
  // Others compare theirs with it, also those that end only now.
  await flow.store.saveEarlyFailure(lease, ours);
  if (!isPatchset(build.tested)) return {};
  const baseline = await flow.store.earlyBaselineOf(build.id);
  if (baseline?.failure && failsAlike(ours, baseline.failure)) return { branchFailure: baseline.tip };
  return { sameFailure: await compareWithOthers(context, ours) };
}

function compareWithOthers(context: BuildContext, ours: EarlyFailure): Promise<string | undefined> {
  return untilOthersFail(context, async () => {
    const peers = await context.flow.store.earlyFailuresBeside(context.build.id);
    return { others: sameEarlyFailure(ours, peers), mayChange: peers.some(({ running }) => running) };
  });
}
