import { afterAll, beforeAll, describe } from 'vitest';
import { objectStoreContract } from '../../src/adapters/objects/testing/object-store-contract.ts';
import { labOpenstack } from '../openstack/lab-openstack.ts';
import { openStore, startLabStores } from './lab-stores.ts';
import type { LabStores } from './lab-stores.ts';

const lab = labOpenstack();
const large = 96 * 1024 * 1024;

/** What the simulators do in the unit tests, real servers do here. */
describe.skipIf(!lab)('the real object stores of the lab', () => {
  let stores: LabStores;
  beforeAll(async () => {
    stores = await startLabStores(lab!);
  });
  afterAll(() => stores.swift.stop());

  objectStoreContract('Swift, by the login of the cloud', () => openStore(stores.swiftAccess), {
    folder: 'contract/',
    large,
  });
  objectStoreContract('S3, as Swift speaks it', () => openStore(stores.s3Access), { folder: 'contract/', large });
});
