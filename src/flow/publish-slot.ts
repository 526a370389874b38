import { errorText } from '../domain/errors.ts';
import { guestsAfterFile, guestsBeforeFile, hostFile, slotFile } from '../domain/log-path.ts';
import { instanceNameTemplate, workerPrefix } from '../domain/slot.ts';
import type { LeasedSlot } from '../domain/slot.ts';
import { sleep } from '../shared/clock.ts';
import type { BuildContext } from './run-build.ts';

/** How long a build waits at most to be told of its guests when its job is over (ms). */
const patience = 5000;

/**
 * Where on z/VM the worker works, how that was at the last look, and what was removed to make the slot empty: what somebody asks first whose guests are not
 * what they should be. `removed`: names as the back end gives them. Without it the build goes on.
 */
export async function publishSlot(context: BuildContext, slot: LeasedSlot, removed: readonly string[]): Promise<void> {
  if (!isFeilong(context, slot)) return;
  const { backend, generation, prefix } = slot;
  const host = (await context.flow.store.backendStates()).find(({ name }) => name === backend);
  await publish(context, slotFile, {
    backend,
    slot: prefix,
    generation,
    prefix: workerPrefix(slot),
    instanceNameTemplate: instanceNameTemplate(slot),
  });
  await publish(context, hostFile, host && { backend, healthy: host.healthy, detail: host.detail, free: host.free });
  await publish(context, guestsBeforeFile, { at: new Date().toISOString(), removed, guests: [] });
}

/** What is in the slot when the job is over. A job that hangs on its back end has no answer either, and is not kept for it. */
export async function publishGuestsAfter(context: BuildContext): Promise<void> {
  const { slot } = context.build;
  if (!slot || !isFeilong(context, slot)) return;
  const answered = new AbortController();
  const guests = await Promise.race([
    guestsIn(context, slot),
    sleep(patience, answered.signal).then(() => ({ unknown: 'no answer yet' })),
  ]);
  answered.abort();
  await publish(context, guestsAfterFile, { at: new Date().toISOString(), ...guests });
}

async function guestsIn({ flow }: BuildContext, { backend, prefix }: LeasedSlot) {
  try {
    const found = await flow.backends.get(backend)?.findStrays([prefix]);
    return { guests: found?.get(prefix) ?? [] };
  } catch (error) {
    return { unknown: errorText(error) };
  }
}

function isFeilong({ flow }: BuildContext, slot: LeasedSlot): boolean {
  return flow.settings.backends.find(({ name }) => name === slot.backend)?.driver.kind === 'feilong';
}

async function publish({ build, flow }: BuildContext, name: string, what: unknown): Promise<void> {
  try {
    await flow.archive.write(`${build.logPath}${name}`, `${JSON.stringify(what ?? null, null, 2)}\n`);
  } catch (error) {
    flow.logger.warn(
      { build: build.id, file: name, err: errorText(error) },
      'a file about the slot could not be published',
    );
  }
}
