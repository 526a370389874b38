import { admit } from '../../src/domain/admission.ts';
import type { QueuedJob } from '../../src/domain/admission.ts';
import { Placement } from '../../src/domain/placement.ts';
import { countMissing } from '../../src/domain/pool.ts';
import type { Job, ServerLabel } from '../../src/domain/settings.ts';
import { plainLabel } from '../../src/domain/testing/labels.ts';
import type { Arrival } from './arrivals.ts';
import type { WeekCloud, WeekResult } from './cloud.ts';

interface Server {
  readonly id: string;
  readonly orderedAt: number;
  readyAt: number;
  state: 'building' | 'ready' | 'deleting';
  build: string | undefined;
}

interface Event {
  readonly at: number;
  readonly happen: () => void;
}

const job: Job = {
  name: 'job',
  label: plainLabel.name,
  backend: undefined,
  phases: [],
  timeout: 0,
  attempts: 1,
  voting: true,
  testResults: undefined,
  environment: {},
};

/** sidegate's own rules of admission, placement and pool, in simulated time: a week takes less than a second. */
export function replay(arrivals: readonly Arrival[], cloud: WeekCloud): WeekResult {
  return new Week(arrivals, cloud).run();
}

class Week {
  readonly #cloud: WeekCloud;
  readonly #label: ServerLabel;
  readonly #arrivals: ReadonlyMap<string, Arrival>;
  readonly #events: Event[];
  readonly #servers = new Map<string, Server>();
  readonly #waiting: number[] = [];
  #queue: QueuedJob[] = [];
  #now = 0;
  #use = 0;
  #ordered = 0;
  #left: number;

  constructor(arrivals: readonly Arrival[], cloud: WeekCloud) {
    this.#cloud = cloud;
    this.#label = { ...plainLabel, minReady: cloud.minReady, max: cloud.max };
    this.#arrivals = new Map(arrivals.map((arrival, index) => [`build-${index}`, arrival]));
    this.#events = [...this.#arrivals].map(([id, { at }]) => ({ at, happen: () => this.#arrive(id, at) }));
    this.#left = arrivals.length;
  }

  run(): WeekResult {
    while (this.#left > 0) {
      this.#events.sort((a, b) => a.at - b.at);
      const event = this.#events.shift()!;
      this.#now = event.at;
      event.happen();
      this.#decide();
    }
    for (const { orderedAt } of this.#servers.values()) this.#use += this.#now - orderedAt;
    return { waiting: this.#waiting, use: this.#use };
  }

  #arrive(id: string, at: number): void {
    this.#queue.push({ id, job, project: 'nova', priority: 0, queuedAt: at });
  }

  /** What the loops `admit` and `keep servers ready` do after each signal. */
  #decide(): void {
    const { admitted } = admit(this.#queue, {
      labels: [this.#label],
      backends: [],
      serverCounts: new Map([[this.#label.name, this.#servers.size]]),
      freeServers: this.#pool().map(({ id, state }) => ({ id, label: plainLabel.name, ready: state === 'ready' })),
      placement: this.#placement(),
      freeSlots: [],
      closed: new Map(),
      room: new Map(),
      runningPerProject: new Map(),
    });
    for (const { build, server } of admitted) this.#give(build, 'id' in server ? server.id : this.#order());
    const started = new Set(admitted.map(({ build }) => build));
    this.#queue = this.#queue.filter(({ id }) => !started.has(id));
    const pool = { all: this.#servers.size, waiting: this.#pool().length };
    for (let missing = countMissing(this.#label, pool); missing > 0; missing -= 1) this.#order();
  }

  #pool() {
    return [...this.#servers.values()].filter(({ state, build }) => build === undefined && state !== 'deleting');
  }

  #placement(): Placement {
    return new Placement({ labels: [this.#label], settings: [], clouds: [], servers: [], failures: [] });
  }

  #order(): string {
    this.#ordered += 1;
    const id = `server-${this.#ordered}`;
    const readyAt = this.#now + this.#cloud.boot;
    const server: Server = { id, orderedAt: this.#now, readyAt, state: 'building', build: undefined };
    this.#servers.set(id, server);
    this.#at(readyAt, () => {
      server.state = 'ready';
    });
    return id;
  }

  #give(build: string, id: string): void {
    const server = this.#servers.get(id)!;
    const { at, job: duration } = this.#arrivals.get(build)!;
    const start = Math.max(this.#now, server.readyAt);
    server.build = build;
    this.#waiting.push(start - at);
    this.#at(start + duration, () => {
      this.#left -= 1;
      server.state = 'deleting';
      this.#at(this.#now + this.#cloud.remove, () => this.#gone(server));
    });
  }

  #gone({ id, orderedAt }: Server): void {
    this.#use += this.#now - orderedAt;
    this.#servers.delete(id);
  }

  #at(at: number, happen: () => void): void {
    this.#events.push({ at, happen });
  }
}
