import { sameFailure } from '../domain/same-failure.ts';
import { isPatchset } from '../domain/tested-ref.ts';
import { sleep } from '../shared/clock.ts';
import type { BuildContext } from './run-build.ts';

/** Builds that fail together end together, more or less: so long the first one waits for the others (ms). */
const patience = 60_000;
const lookAgain = 1000;

/** Which other changes fail in the same way at the same time on the same back end as a build whose tests failed; undefined: none. */
export async function compareFailures({ flow, build, signal }: BuildContext): Promise<string | undefined> {
  // What a branch does is no change's fault, however many fail with it.
  if (!build.slot || !isPatchset(build.tested)) return undefined;
  const deadline = Date.now() + patience;
  for (;;) {
    const { ours, peers } = await flow.store.failuresBeside(build.id);
    const others = sameFailure(ours, peers);
    const mayChange = peers.some(({ running }) => running) && Date.now() < deadline && !signal.aborted;
    if (others !== undefined || !mayChange) return others;
    await sleep(lookAgain, signal);
  }
}
