import { AwsClient } from 'aws4fetch';
import { createS3Store } from '../../src/adapters/objects/create-s3-store.ts';
import { createSwiftStore } from '../../src/adapters/objects/create-swift-store.ts';
import { createObjectStorage } from '../../src/adapters/openstack/create-object-storage.ts';
import type { S3Access, SwiftAccess } from '../../src/domain/object-store-access.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { accessOf } from '../../test/story/world/cloud-under-test.ts';
import { openSession } from '../openstack/openstack-session.ts';
import type { RealOpenstack } from '../openstack/start-openstack.ts';
import { startSwift } from './start-swift.ts';
import type { RealSwift } from './start-swift.ts';
import { s3Account } from './swift-configuration.ts';

const container = 'ci-logs';

export type LabAccess = SwiftAccess | S3Access;

/** The real servers, and how the product reaches them. */
export interface LabStores {
  readonly swift: RealSwift;
  readonly swiftAccess: SwiftAccess;
  readonly s3Access: S3Access;
}

export function openStore(access: LabAccess): ObjectStore {
  if (access.kind === 's3') return createS3Store(access);
  return createSwiftStore(access, createObjectStorage({ cloud: access.cloud, requestRate: 200 }));
}

export async function startLabStores(lab: RealOpenstack): Promise<LabStores> {
  const swift = await startSwift(lab.place);
  await makeContainer(lab);
  await makeBucket(swift.s3Url);
  const kept = { prefix: 'ci/' };
  return {
    swift,
    swiftAccess: {
      kind: 'swift',
      cloud: { ...accessOf(lab), name: 'lab', region: lab.region },
      container,
      deleteAfter: 86_400_000,
      ...kept,
    },
    s3Access: {
      kind: 's3',
      endpoint: swift.s3Url,
      region: 'us-east-1',
      bucket: container,
      ca: undefined,
      ...s3Account,
      ...kept,
    },
  };
}

/** As the operator does it, with `openstack container create`. */
async function makeContainer(lab: RealOpenstack): Promise<void> {
  const session = await openSession(lab.authUrl, lab);
  await session.ask('object-store', `PUT /${container}`);
}

async function makeBucket(url: string): Promise<void> {
  const { accessKey: accessKeyId, secretKey: secretAccessKey } = s3Account;
  const client = new AwsClient({ accessKeyId, secretAccessKey, service: 's3', region: 'us-east-1' });
  const made = await client.fetch(`${url}/${container}`, { method: 'PUT' });
  if (!made.ok) throw new Error(`the bucket could not be made: HTTP ${made.status} ${await made.text()}`);
}
