import { sameFailure } from '../domain/same-failure.ts';
import { isPatchset } from '../domain/tested-ref.ts';
import { sleep } from '../shared/clock.ts';
import type { BuildContext } from './run-build.ts';

/** Builds that fail together end together, more or less: so long the first one waits for the others (ms). */
const patience = 60_000;
const lookAgain = 1000;

/** Which other changes fail in the same way at the same time on the same back end as a build whose tests failed; undefined: none. */
export async function compareFailures(context: BuildContext): Promise<string | undefined> {
  const { flow, build } = context;
  // What a branch does is no change's fault, however many fail with it.
  if (!build.slot || !isPatchset(build.tested)) return undefined;
  return untilOthersFail(context, async () => {
    const { ours, peers } = await flow.store.failuresBeside(build.id);
    return { others: sameFailure(ours, peers), mayChange: peers.some(({ running }) => running) };
  });
}

/** Looks again and again while another look may say more. */
export async function untilOthersFail(
  { signal }: BuildContext,
  look: () => Promise<{ readonly others: string | undefined; readonly mayChange: boolean }>,
): Promise<string | undefined> {
  const deadline = Date.now() + patience;
  for (;;) {
    const { others, mayChange } = await look();
    if (others !== undefined || !mayChange || Date.now() >= deadline || signal.aborted) return others;
    await sleep(lookAgain, signal);
  }
}
