import { describe } from 'vitest';
import { describeCloud } from '../../src/adapters/openstack/testing/cloud-contract.ts';
import { plainPlace } from '../../src/domain/testing/labels.ts';
import { clientOf } from '../../test/story/world/cloud-under-test.ts';
import { labCloud } from './lab-cloud.ts';
import { labOpenstack } from './lab-openstack.ts';
import type { RealOpenstack } from './start-openstack.ts';

const lab = labOpenstack();

describe.skipIf(!lab)('sidegate’s client', () => {
  describeCloud('a real OpenStack', async () => {
    const { flavors, image, networks } = lab as RealOpenstack;
    return {
      cloud: clientOf(labCloud(lab as RealOpenstack)),
      place: { ...plainPlace, cloud: 'beside', image: image.name, flavor: flavors.tiny.name, networks: ['lan'] },
      overQuotaFlavor: undefined,
      noHostFlavor: flavors.toobig.name,
      securedNetwork: networks.lan.name,
      // It gets an address and never traffic.
      floating: { network: networks.lan.name, floatingNetwork: networks.public.name },
      // No Cinder.
      volumes: false,
      patience: 60_000,
      close: async () => {},
    };
  });
});
