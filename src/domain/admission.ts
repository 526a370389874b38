import { FreeSlots } from './free-slots.ts';
import type { Placement, Spot } from './placement.ts';
import type { BackendSettings, Job, Room, ServerLabel } from './settings.ts';
import type { SlotName } from './slot.ts';

export interface QueuedJob {
  readonly id: string;
  readonly job: Job;
  readonly project: string;
  readonly priority: number;
  readonly queuedAt: number;
}

export interface Resources {
  readonly labels: readonly ServerLabel[];
  readonly backends: readonly BackendSettings[];
  /** Servers that are not deleted, by label. */
  readonly serverCounts: ReadonlyMap<string, number>;
  /** Those that boot or are ready and have no build; of each label at least as many as builds wait. */
  readonly freeServers: readonly FreeServer[];
  /** Where new ones can go. */
  readonly placement: Placement;
  readonly freeSlots: readonly SlotName[];
  /** Back ends that take no builds, and why in words: out of order, drained, in maintenance. */
  readonly closed: ReadonlyMap<string, string>;
  /** What is left for further workers, by system; those that do not tell are not among them. */
  readonly room: ReadonlyMap<string, Room>;
  readonly runningPerProject: ReadonlyMap<string, number>;
}

export interface FreeServer {
  readonly id: string;
  readonly label: string;
  readonly ready: boolean;
}

export interface Admitted {
  readonly build: string;
  readonly server: AssignedServer;
  readonly label: string;
  readonly slot: SlotName | undefined;
}

/** One that is there, or a spot where one has to be booted. */
export type AssignedServer = { readonly id: string } | { readonly spot: Spot };

export interface Admission {
  readonly admitted: readonly Admitted[];
  readonly waiting: readonly { readonly build: string; readonly reason: string }[];
}

/**
 * What may start now: server and slot together or nothing. Higher priority first; among equals the project with the fewest running
 * builds, then the oldest. A build that cannot start holds nobody back who needs other things.
 */
export function admit(queue: readonly QueuedJob[], resources: Resources): Admission {
  const free = new FreeResources(resources);
  const admitted: Admitted[] = [];
  const waiting: { build: string; reason: string }[] = [];
  for (const { id, job } of inOrder(queue, resources.runningPerProject)) {
    const slot = free.findSlot(job);
    if (typeof slot === 'string') {
      waiting.push({ build: id, reason: slot });
      continue;
    }
    const server = free.takeServer(job.label);
    if (typeof server === 'string') {
      waiting.push({ build: id, reason: server });
      continue;
    }
    if (slot) free.takeSlot(slot);
    admitted.push({ build: id, server, label: job.label, slot });
  }
  return { admitted, waiting };
}

/** Each project's first build before any project's second. */
function inOrder(queue: readonly QueuedJob[], running: ReadonlyMap<string, number>): readonly QueuedJob[] {
  const turns = new Map(running);
  const ranked = queue
    .toSorted((a, b) => b.priority - a.priority || a.queuedAt - b.queuedAt)
    .map((build) => {
      const turn = turns.get(build.project) ?? 0;
      turns.set(build.project, turn + 1);
      return { build, turn };
    });
  return ranked
    .toSorted((a, b) => b.build.priority - a.build.priority || a.turn - b.turn || a.build.queuedAt - b.build.queuedAt)
    .map(({ build }) => build);
}

class FreeResources {
  readonly #resources: Resources;
  readonly #slots: FreeSlots;
  #servers: readonly FreeServer[];
  readonly #counts: Map<string, number>;

  constructor(resources: Resources) {
    this.#resources = resources;
    this.#slots = new FreeSlots(resources);
    // Ready ones first: they save the boot.
    this.#servers = resources.freeServers.toSorted((a, b) => Number(b.ready) - Number(a.ready));
    this.#counts = new Map(resources.serverCounts);
  }

  findSlot(job: Job): SlotName | undefined | string {
    return this.#slots.find(job);
  }

  takeSlot(taken: SlotName): void {
    this.#slots.take(taken);
  }

  /** A server, or the words for why there is none. */
  takeServer(name: string): AssignedServer | string {
    const server = this.#servers.find((candidate) => candidate.label === name);
    if (server) {
      this.#servers = this.#servers.filter((candidate) => candidate !== server);
      return { id: server.id };
    }
    const label = this.#resources.labels.find((candidate) => candidate.name === name);
    if (!label) return `a test server ${name}, which is no longer configured`;
    const count = this.#counts.get(name) ?? 0;
    if (count >= label.max) return this.#allInUse(label);
    const spot = this.#resources.placement.take(label);
    if (typeof spot === 'string') return `a test server ${name}: ${spot}`;
    this.#counts.set(name, count + 1);
    return { spot };
  }

  /** In an outage servers that cannot be deleted fill a label: then the outage is what its builds wait for. */
  #allInUse(label: ServerLabel): string {
    const words = `a test server ${label.name} (all ${label.max} in use)`;
    return [words, ...this.#resources.placement.outages(label)].join('; ');
  }
}
