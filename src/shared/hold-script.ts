import { sleep } from './clock.ts';
import type { ScriptRun } from './run-script.ts';

export interface Holding {
  /** Claims what the script works on for another while. False: somebody else has it, the script must stop. */
  readonly renew: () => Promise<boolean>;
  /** Between renewals (ms): a sixth of the time for which the claim is given, a third of the script's hold time. */
  readonly pause: number;
  /** The script shall stop. */
  readonly signal?: AbortSignal;
  readonly onFailure?: (error: unknown) => void;
}

/** Lets a script run for as long as the claim can be renewed. A database that does not answer ends the script by itself: see `run-script.sh`. */
export async function holdScript<End>(run: ScriptRun<End>, holding: Holding): Promise<End> {
  const ended = new AbortController();
  const stop = () => run.stop('it was told to stop');
  if (holding.signal?.aborted) stop();
  holding.signal?.addEventListener('abort', stop, { once: true });
  const held = keepHolding(run, holding, ended.signal);
  const end = await run.done;
  ended.abort();
  holding.signal?.removeEventListener('abort', stop);
  await held;
  return end;
}

async function keepHolding<End>(run: ScriptRun<End>, holding: Holding, ended: AbortSignal): Promise<void> {
  while (!ended.aborted) {
    try {
      const asked = performance.now();
      if (!(await holding.renew())) run.stop('another process has taken over');
      // An answer that was long under way, or that a frozen process hears when it wakes up, says nothing of now.
      else if (performance.now() - asked < 2 * holding.pause) run.hold();
    } catch (error) {
      holding.onFailure?.(error);
    }
    await sleep(holding.pause, ended);
  }
}
