import type { CloudUnderTest } from '../../test/story/world/cloud-under-test.ts';
import { addressesOf } from './bridge.ts';
import type { RealOpenstack } from './start-openstack.ts';

/** The lab's OpenStack as stories see it. `lab/run.ts` ends it: other tests come after them. */
export function labCloud(lab: RealOpenstack): CloudUnderTest {
  return {
    authUrl: lab.authUrl,
    user: lab.user,
    password: lab.password,
    project: lab.project,
    admin: lab.users.admin,
    image: lab.image.name,
    flavor: lab.flavors.tiny.name,
    flavorTooBig: lab.flavors.toobig.name,
    network: lab.networks.lan.name,
    floatingNetwork: lab.networks.public.name,
    zones: lab.zones,
    serverUser: 'root',
    sshPort: 22,
    hostAddress: `${addressesOf(lab.place.bridge).lan}.1`,
    stop: async () => {},
  };
}
