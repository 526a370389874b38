import { errorText } from '../domain/errors.ts';
import { workerPrefix } from '../domain/slot.ts';
import type { GuardSettings } from '../domain/settings.ts';
import type { LeasedSlot } from '../domain/slot.ts';
import type { Guard } from '../ports/guard.ts';
import type { GuardedSlot } from '../ports/slot-store.ts';
import type { Flow } from './context.ts';
import { publishManifest } from './publish-manifest.ts';
import { slotLedger } from './slot-ledger.ts';
import { createCallTrace } from './trace-calls.ts';
import type { CallTrace } from './trace-calls.ts';

interface OpenGuard {
  readonly guard: Guard;
  readonly trace: CallTrace;
  readonly logPath: string;
}

export interface GuardKeeper {
  /** One round: opens what is missing, closes what is over. */
  keep(): Promise<void>;
  /** Closes all of this process; another one, or the next start, opens them again on the same ports. */
  stop(): Promise<void>;
}

/** Keeps a guard open between each worker and its Feilong for as long as the worker has its slot. */
export function createGuardKeeper(flow: Flow): GuardKeeper {
  const open = new Map<string, OpenGuard>();
  const closing = new Map<string, Promise<void>>();
  const guarded = flow.settings.backends
    .filter(({ driver }) => driver.kind === 'feilong' && driver.guard !== undefined)
    .map(({ name }) => name);
  return {
    keep: async () => {
      for (const slot of await flow.store.endedGuards(flow.self)) {
        const key = keyOf(slot);
        // Not waited for: calls in flight may take a minute, and other workers want their guards.
        if (!closing.has(key))
          closing.set(
            key,
            closeGuard(flow, open, slot).finally(() => closing.delete(key)),
          );
      }
      if (guarded.length === 0) return;
      await Promise.all((await flow.store.slotsToGuard(guarded)).map((slot) => openGuard(flow, open, slot)));
    },
    stop: async () => {
      await Promise.all(closing.values());
      await Promise.all([...open.values()].map(({ guard }) => guard.close()));
      await Promise.all([...open.values()].map(({ trace }) => trace.flush()));
    },
  };
}

/** Its port is closed and what went through it has ended; only then is the slot swept. */
async function closeGuard(flow: Flow, open: Map<string, OpenGuard>, slot: LeasedSlot): Promise<void> {
  try {
    const ours = open.get(keyOf(slot));
    await ours?.guard.close();
    await ours?.trace.flush();
    if (ours) await publishManifest(flow, ours.logPath);
    open.delete(keyOf(slot));
    await flow.store.saveGuardClosed(slot, flow.self);
  } catch (error) {
    flow.logger.warn(
      { backend: slot.backend, prefix: slot.prefix, err: errorText(error) },
      'a guard is not closed yet',
    );
  }
}

/** A port that another process still has is tried again in the next round: it is that of a process about to die. */
async function openGuard(flow: Flow, open: Map<string, OpenGuard>, slot: GuardedSlot): Promise<void> {
  const subject = `${slot.backend} ${slot.prefix}`;
  try {
    const trace = await createCallTrace(flow, slot);
    const { vswitches } = settingsOf(flow, slot.backend) ?? {};
    const lease = { name: subject, prefix: workerPrefix(slot), worker: slot.address, vswitches };
    const place = { backend: slot.backend, lease, port: portOf(flow, slot) };
    const guard = await flow.guards.open(place, { ledger: slotLedger(flow, slot), trace });
    const isOurs = await flow.store.saveGuard(slot, { holder: flow.self, url: guard.url, port: guard.port });
    if (!isOurs) return await guard.close();
    open.set(keyOf(slot), { guard, trace, logPath: slot.logPath });
    await flow.store.closeNotice('guard-failed', subject);
  } catch (error) {
    const text = `${subject}: ${errorText(error)}`;
    flow.logger.warn({ backend: slot.backend, prefix: slot.prefix, err: errorText(error) }, 'a guard cannot listen');
    await flow.store.saveNotice({ code: 'guard-failed', subject, text });
  }
}

/** The worker was told the port of the guard before; else each slot has its own among the configured ones. */
function portOf(flow: Flow, { backend, prefix, port }: GuardedSlot): number | undefined {
  const own = flow.settings.backends.find(({ name }) => name === backend);
  const ports = settingsOf(flow, backend)?.ports;
  const index = own?.slots.findIndex((slot) => slot.prefix === prefix) ?? -1;
  return port ?? (ports && index >= 0 ? ports.first + index : undefined);
}

function settingsOf({ settings }: Flow, backend: string): GuardSettings | undefined {
  const own = settings.backends.find(({ name }) => name === backend);
  return own?.driver.kind === 'feilong' ? own.driver.guard : undefined;
}

function keyOf({ backend, prefix, generation }: LeasedSlot): string {
  return `${backend} ${prefix} ${generation}`;
}
