import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { newKey } from '../../../../simulators/openstack/testing/ssh.ts';
import type { CloudPlace } from '../../../domain/settings.ts';
import type { Cloud, MarkedResource, ServerRemains, ServerRequest } from '../../../ports/cloud.ts';
import { removeAll, removeServerFully, waitForStatus } from './remove-all.ts';

/** A cloud the contract is tested on. */
export interface ContractCloud {
  readonly cloud: Cloud;
  /** Boots and shows host keys on its console. */
  readonly place: CloudPlace;
  /** A flavor beyond the quota of the project; undefined: it has no limit. */
  readonly overQuotaFlavor: string | undefined;
  /** A flavor within the quota that no host can hold; undefined: none. */
  readonly noHostFlavor: string | undefined;
  /** A network whose ports can have security groups. */
  readonly securedNetwork: string;
  /** A network and the external one that it has a router to; undefined: none. */
  readonly floating: { readonly network: string; readonly floatingNetwork: string } | undefined;
  /** Whether there is Cinder. */
  readonly volumes: boolean;
  /** Milliseconds a boot or a deletion may take. */
  readonly patience: number;
  readonly close: () => Promise<void>;
}

/** One cloud for all tests, one owner for each; what the test made is removed after it. */
export class ContractContext {
  #tested: ContractCloud | undefined;
  #owner = '';

  constructor(start: () => Promise<ContractCloud>) {
    const key = newKey();
    beforeAll(async () => {
      this.#tested = await start();
    }, 600_000);
    afterAll(() => this.#tested?.close());
    beforeEach(async () => {
      this.#owner = randomUUID();
      await this.cloud.ensureKeypair(this.keypair, key.public);
    });
    afterEach(() => removeAll(this.cloud, this.owner, this.tested.patience), 120_000);
  }

  get tested(): ContractCloud {
    if (!this.#tested) throw new Error('the cloud did not start');
    return this.#tested;
  }

  get cloud(): Cloud {
    return this.tested.cloud;
  }

  get owner(): string {
    return this.#owner;
  }

  get keypair(): string {
    return `sidegate-${this.#owner}-key`;
  }

  request(changes: Partial<CloudPlace> = {}): ServerRequest {
    const server = randomUUID();
    return {
      place: { ...this.tested.place, ...changes },
      zone: undefined,
      imageId: undefined,
      name: `sidegate-${server.slice(0, 8)}`,
      keypair: this.keypair,
      mark: { owner: this.#owner, server },
      patience: 300_000,
      deadline: Date.now() + 300_000,
    };
  }

  /** Waits until it is ACTIVE. */
  async boot(request: ServerRequest): Promise<ServerRemains & { readonly id: string }> {
    const id = await this.cloud.ensureServer(request);
    await waitForStatus(this.cloud, id, { status: 'ACTIVE', patience: this.tested.patience });
    return { id, mark: request.mark, place: request.place };
  }

  async remove(remains: ServerRemains, force = false): Promise<void> {
    await removeServerFully(this.cloud, remains, { patience: this.tested.patience, force });
  }

  /** All but the keypair. */
  async marked(): Promise<readonly MarkedResource[]> {
    const list = await this.cloud.listMarked(this.#owner);
    return list.filter(({ kind }) => kind !== 'keypair');
  }

  async kinds(): Promise<readonly string[]> {
    return (await this.marked()).map(({ kind }) => kind).toSorted();
  }
}
