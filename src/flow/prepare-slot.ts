import { SidegateError } from '../domain/errors.ts';
import type { BackendSettings } from '../domain/settings.ts';
import { instanceNameTemplate, workerPrefix } from '../domain/slot.ts';
import type { LeasedSlot } from '../domain/slot.ts';
import type { Backend } from '../ports/backend.ts';
import type { SlotClaim } from '../ports/slot-store.ts';
import { sleep } from '../shared/clock.ts';
import { hearSignals } from '../shared/hear-signals.ts';
import { holdSlot } from './hold-slot.ts';
import { publishSlot } from './publish-slot.ts';
import type { BuildContext } from './run-build.ts';
import { sweepSlot } from './sweep-slots.ts';

/** What a lost signal costs at most (ms). */
const lookAgain = 5000;
/** Between tries to get the slot from a dead process, whose claim runs out (ms). */
const claimPause = 500;

/**
 * Makes the build's slot ready: what an earlier worker left would fail the first test, and the guard must be there before the worker is told
 * of it. Answers the variables of the job that describe the slot.
 */
export async function prepareSlot(context: BuildContext, slot: LeasedSlot): Promise<Readonly<Record<string, string>>> {
  const { flow } = context;
  const backend = flow.backends.get(slot.backend);
  const settings = flow.settings.backends.find(({ name }) => name === slot.backend);
  if (!backend || !settings)
    throw new SidegateError('config-invalid', `the back end ${slot.backend} is no longer configured`);
  const own = await makeReady(context, slot, backend);
  return {
    SIDEGATE_BACKEND: slot.backend,
    SIDEGATE_PREFIX: workerPrefix(slot),
    ...settings.slots.find(({ prefix }) => prefix === slot.prefix)?.variables,
    ...(await feilongVariables(context, slot, settings)),
    ...own,
  };
}

async function makeReady(context: BuildContext, slot: LeasedSlot, backend: Backend) {
  const { flow, build, lease, signal } = context;
  const claim = await claimSlot(context, slot);
  try {
    return await holdSlot(flow, { claim, lease, signal }, async (hold) => {
      const removed = await sweepSlot(flow, slot, hold);
      const [own] = await Promise.all([backend.prepareSlot(slot, build.id, hold), publishSlot(context, slot, removed)]);
      return own;
    });
  } finally {
    await flow.store.releaseSlotClaim(claim);
  }
}

/** Waits until what a dead process began in the slot has certainly ended. */
async function claimSlot({ flow, build, lease, signal }: BuildContext, slot: LeasedSlot): Promise<SlotClaim> {
  while (!signal.aborted) {
    await flow.store.saveStep(lease, 'sweep');
    const claim = await flow.store.claimLeasedSlot(slot, lease);
    if (claim) return claim;
    await sleep(claimPause, signal);
  }
  throw new SidegateError('cancelled', `build ${build.id}`);
}

async function feilongVariables(context: BuildContext, slot: LeasedSlot, { driver }: BackendSettings) {
  if (driver.kind !== 'feilong') return {};
  return {
    SIDEGATE_INSTANCE_NAME_TEMPLATE: instanceNameTemplate(slot),
    // An id of its own for the image it uploads: two workers that used one id would share Feilong's copy of it.
    SIDEGATE_IMAGE_ID: context.build.id,
    SIDEGATE_FEILONG_URL: driver.guard ? await waitForGuard(context, slot) : driver.url,
  };
}

async function waitForGuard({ flow, build, signal }: BuildContext, slot: LeasedSlot): Promise<string> {
  const changes = hearSignals(flow.signals, 'slots');
  try {
    while (!signal.aborted) {
      const url = await flow.store.guardUrl(slot);
      if (url !== undefined) return url;
      await changes.next({ atMost: lookAgain, signal });
    }
  } finally {
    changes.stop();
  }
  throw new SidegateError('cancelled', `build ${build.id}`);
}
