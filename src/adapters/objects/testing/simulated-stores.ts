import { startObjectSimulator } from '../../../../simulators/objects/simulator.ts';
import type { ObjectSimulator } from '../../../../simulators/objects/simulator.ts';
import type { CloudAccess } from '../../../domain/cloud-access.ts';
import type { S3Access, SwiftAccess } from '../../../domain/object-store-access.ts';
import type { ObjectStore } from '../../../ports/object-store.ts';
import { createObjectStorage } from '../../openstack/create-object-storage.ts';
import { accessTo } from '../../openstack/testing/simulated-cloud.ts';
import { createS3Store } from '../create-s3-store.ts';
import { createSwiftStore } from '../create-swift-store.ts';

export const container = 'ci-logs';
const account = { accessKey: 'AKIASIDEGATE', secretKey: 'wJalrXUtnFEMI/K7MDENG', region: 'us-east-1' };

/** One simulator of both protocols, and ways to it. */
export interface SimulatedStores {
  readonly simulator: ObjectSimulator;
  swift(changes?: Partial<SwiftAccess>, cloud?: Partial<CloudAccess>): ObjectStore;
  s3(changes?: Partial<S3Access>): ObjectStore;
}

export async function startSimulatedStores(): Promise<SimulatedStores> {
  const simulator = await startObjectSimulator({ containers: [container], account, password: 'secret' });
  return {
    simulator,
    swift: (changes = {}, cloud = {}) =>
      openSwift({ ...accessTo(simulator.authUrl), name: 'ci-cloud', ...cloud }, changes),
    s3: (changes = {}) => createS3Store({ ...s3At(simulator.s3Url), ...changes }),
  };
}

function openSwift(cloud: CloudAccess, changes: Partial<SwiftAccess> = {}): ObjectStore {
  const access = { kind: 'swift', cloud, container, prefix: '', deleteAfter: undefined, ...changes } as const;
  return createSwiftStore(access, createObjectStorage({ cloud, requestRate: 1000 }));
}

function s3At(endpoint: string): S3Access {
  return { kind: 's3', endpoint, bucket: container, prefix: '', ca: undefined, ...account };
}
