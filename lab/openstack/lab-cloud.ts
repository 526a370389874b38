import type { CloudUnderTest } from '../../test/story/world/cloud-under-test.ts';
import { addressesOf } from './bridge.ts';
import { openSession } from './openstack-session.ts';
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
    routedNetwork: lab.networks.lan.name,
    zones: lab.zones,
    regions: [lab.region],
    serverUser: 'root',
    sshPort: 22,
    hostAddress: `${addressesOf(lab.place.bridge).lan}.1`,
    // The lab's driver reads it: nova-driver/sidegate_lab/driver.py.
    breakBoots: async (how) => ({ metadata: { lab_boot: how } }),
    mendBoots: async () => {},
    revokeTokens: () => changePassword(lab),
    setTokenLifetime: (seconds) => lab.setTokenLifetime(seconds),
    shortLifetime: 90,
    stop: async () => {},
  };
}

/** A new password, though the same one, ends every token of the user. */
async function changePassword({ authUrl, user, password, project, users }: RealOpenstack): Promise<void> {
  const { userId } = await openSession(authUrl, { user, password, project });
  const admin = await openSession(authUrl, users.admin);
  await admin.ask('identity', `PATCH /users/${userId}`, { body: { user: { password } } });
}
