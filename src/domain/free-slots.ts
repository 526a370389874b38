import type { BackendSettings, Job, Room } from './settings.ts';
import type { SlotName } from './slot.ts';

interface SlotResources {
  readonly backends: readonly BackendSettings[];
  readonly freeSlots: readonly SlotName[];
  readonly closed: ReadonlyMap<string, string>;
  readonly room: ReadonlyMap<string, Room>;
}

/** Slots of back ends that take builds, and the room their systems have for further workers. */
export class FreeSlots {
  readonly #resources: SlotResources;
  #slots: readonly SlotName[];
  readonly #room: Map<string, Room>;

  constructor(resources: SlotResources) {
    this.#resources = resources;
    this.#slots = resources.freeSlots;
    this.#room = new Map(resources.room);
  }

  /** A free slot, undefined where the job needs none, or the words for why there is none. */
  find(job: Job): SlotName | undefined | string {
    if (!job.backend) return undefined;
    const suitable = this.#resources.backends.filter((backend) => suits(backend, job));
    const open = suitable.filter(({ name }) => !this.#resources.closed.has(name));
    const roomy = open.filter((backend) => this.#lack(backend) === undefined);
    const slot = this.#slots.find(({ backend }) => roomy.some(({ name }) => name === backend));
    return slot ?? this.#reason(suitable, open, roomy);
  }

  take(taken: SlotName): void {
    this.#slots = this.#slots.filter((slot) => slot !== taken);
    const backend = this.#resources.backends.find(({ name }) => name === taken.backend);
    const room = backend && this.#room.get(backend.system);
    if (!room) return;
    this.#room.set(backend.system, {
      memory: room.memory - backend.worker.memory,
      disk: room.disk - backend.worker.disk,
    });
  }

  #reason(
    suitable: readonly BackendSettings[],
    open: readonly BackendSettings[],
    roomy: readonly BackendSettings[],
  ): string {
    if (open.length === 0) return suitable.map(({ name }) => this.#resources.closed.get(name)).join('; ');
    const hasFreeSlot = ({ name }: BackendSettings) => this.#slots.some(({ backend }) => backend === name);
    const full = open.filter((backend) => !roomy.includes(backend) && hasFreeSlot(backend));
    if (full.length > 0) return full.map((backend) => `${backend.name}: ${this.#lack(backend)}`).join('; ');
    const total = suitable.reduce((sum, backend) => sum + backend.slots.length, 0);
    return `a slot on ${suitable.map(({ name }) => name).join(' or ')} (all ${total} in use)`;
  }

  /** Why a further worker has no room; undefined: it has, or nobody knows. */
  #lack({ system, worker }: BackendSettings): string | undefined {
    const room = this.#room.get(system);
    if (!room) return undefined;
    const short = [
      ...(worker.memory > 0 && worker.memory > room.memory
        ? [`${Math.max(0, room.memory)} of ${worker.memory} MiB of memory`]
        : []),
      ...(worker.disk > 0 && worker.disk > room.disk
        ? [`${Math.max(0, room.disk)} of ${worker.disk} GiB of disk`]
        : []),
    ];
    return short.length === 0 ? undefined : `a worker has no room: ${short.join(' and ')} left`;
  }
}

function suits(backend: BackendSettings, job: Job): boolean {
  if (!job.backend) return false;
  if ('name' in job.backend) return backend.name === job.backend.name;
  return job.backend.kind === 'any' || backend.kind === job.backend.kind;
}
