import { randomUUID } from 'node:crypto';
import { sleep } from '../../src/shared/clock.ts';
import type { Faults } from './faults.ts';
import type { AttachedVolume, SimulatedServer, Volume, World } from './world.ts';
import { timestamp } from './world.ts';

export type NewVolume = Omit<Volume, 'id' | 'status' | 'serverId' | 'createdAt' | 'updatedAt' | 'type'> & {
  readonly type: string | undefined;
};

export const volumeType = 'lvmdriver-1';

/** Volumes of a region; what is written to one is kept only as long as its server. */
export class Volumes {
  readonly #world: World;
  readonly #faults: Faults;
  /** From creation to available, from deletion to gone. */
  readonly #delay: number;
  readonly #closing: AbortSignal;

  constructor(parts: { world: World; faults: Faults; delay: number; closing: AbortSignal }) {
    this.#world = parts.world;
    this.#faults = parts.faults;
    this.#delay = parts.delay;
    this.#closing = parts.closing;
  }

  /** Answers at once; `done` resolves when the volume is available or in error. */
  create(wanted: NewVolume): { readonly volume: Volume; readonly done: Promise<void> } {
    const now = timestamp();
    const volume: Volume = {
      ...wanted,
      type: wanted.type ?? volumeType,
      id: randomUUID(),
      status: 'creating',
      serverId: undefined,
      createdAt: now,
      updatedAt: now,
    };
    this.#world.volumes.set(volume.id, volume);
    return { volume, done: this.#finish(volume) };
  }

  async #finish(volume: Volume): Promise<void> {
    const broken = this.#faults.take('volume-error', { region: this.#world.region });
    await sleep(this.#delay, this.#closing);
    if (volume.status === 'creating') settle(volume, broken ? 'error' : 'available');
  }

  remove(volume: Volume): void {
    settle(volume, 'deleting');
    void sleep(this.#delay, this.#closing).then(() => this.#world.volumes.delete(volume.id));
  }

  attach(volume: Volume, server: SimulatedServer): void {
    volume.serverId = server.id;
    settle(volume, 'in-use');
  }

  /** What Nova does with the volumes of a server that goes. */
  release(attached: readonly AttachedVolume[]): void {
    for (const { volume, deleteOnTermination } of attached) {
      volume.serverId = undefined;
      if (deleteOnTermination) this.remove(volume);
      else settle(volume, volume.status === 'error' ? 'error' : 'available');
    }
  }
}

function settle(volume: Volume, status: Volume['status']): void {
  volume.status = status;
  volume.updatedAt = timestamp();
}
