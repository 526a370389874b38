import { setTimeout as wait } from 'node:timers/promises';
import { computeHostsOf, password } from './configuration.ts';
import { discoverHosts } from './databases.ts';
import { openSession } from './openstack-session.ts';
import type { Credentials, OpenstackSession } from './openstack-session.ts';
import type { Place } from './place.ts';

interface Identified {
  readonly id: string;
}

/** Users of the cloud; `ci` is sidegate's, `other` shares the cloud with it. Project and user have the same name. */
export const users = {
  admin: { user: 'admin', password, project: 'admin' },
  ci: { user: 'ci', password: 'ci-secret', project: 'ci' },
  other: { user: 'other', password: 'other-secret', project: 'other' },
} as const satisfies Record<string, Credentials>;

/** `toobig` fits on no host. */
export const flavors = {
  tiny: { id: '1', name: 'lab.tiny', vcpus: 1, ram: 512, disk: 1 },
  small: { id: '2', name: 'lab.small', vcpus: 1, ram: 2048, disk: 10 },
  devstack: { id: '3', name: 'lab.devstack', vcpus: 4, ram: 8192, disk: 80 },
  toobig: { id: '9', name: 'lab.toobig', vcpus: 128, ram: 512, disk: 1 },
} as const;

export const imageName = 'lab-image';

/** Zones by host, one each. */
export const zones = { 'compute-a': 'zone-a', 'compute-b': 'zone-b' } as const;

/** Most of what project `ci` may have. */
const computeQuota = { instances: 10, cores: 400, ram: 102_400 };

export function authUrlOf({ ports }: Place): string {
  return `http://127.0.0.1:${ports.keystone}/v3`;
}

/** Types of the catalogue and where they are. */
export function endpointsOf({ ports }: Place): Record<string, string> {
  return {
    identity: `http://127.0.0.1:${ports.keystone}/v3`,
    placement: `http://127.0.0.1:${ports.placement}`,
    image: `http://127.0.0.1:${ports.glance}`,
    compute: `http://127.0.0.1:${ports.nova}/v2.1`,
    network: `http://127.0.0.1:${ports.neutron}`,
  };
}

/** What the other services need to work at all: their endpoints and their user. And everyone else's users. */
export async function provisionIdentity(place: Place): Promise<void> {
  const admin = await openSession(authUrlOf(place), users.admin);
  for (const [type, url] of Object.entries(endpointsOf(place))) {
    if (type === 'identity') continue;
    const { service } = await admin.ask<{ service: Identified }>('identity', 'POST /services', {
      body: { service: { name: type, type } },
    });
    for (const kind of ['public', 'internal', 'admin']) {
      const endpoint = { service_id: service.id, interface: kind, region_id: 'RegionOne', url };
      await admin.ask('identity', 'POST /endpoints', { body: { endpoint } });
    }
  }
  await addUser(admin, { user: 'services', password, project: 'service' }, 'admin');
  await addUser(admin, users.ci, 'member');
  await addUser(admin, users.other, 'member');
}

async function addUser(admin: OpenstackSession, { user: name, ...credentials }: Credentials, role: string) {
  const { project } = await admin.ask<{ project: Identified }>('identity', 'POST /projects', {
    body: { project: { name: credentials.project, domain_id: 'default' } },
  });
  const { user } = await admin.ask<{ user: Identified }>('identity', 'POST /users', {
    body: { user: { name, password: credentials.password, domain_id: 'default', default_project_id: project.id } },
  });
  const { roles } = await admin.ask<{ roles: Identified[] }>('identity', `GET /roles?name=${role}`);
  await admin.ask('identity', `PUT /projects/${project.id}/users/${user.id}/roles/${roles[0]?.id}`);
}

/** Flavors, image, zones and quota: all that does not depend on addresses of this run. */
export async function provisionCompute(place: Place): Promise<void> {
  const admin = await openSession(authUrlOf(place), users.admin);
  for (const flavor of Object.values(flavors)) await admin.ask('compute', 'POST /flavors', { body: { flavor } });
  await addImage(admin);
  const { projects } = await admin.ask<{ projects: Identified[] }>(
    'identity',
    `GET /projects?name=${users.ci.project}`,
  );
  await admin.ask('compute', `PUT /os-quota-sets/${projects[0]?.id}`, { body: { quota_set: computeQuota } });
  const hosts = computeHostsOf(place);
  await waitForHosts(admin, hosts);
  await discoverHosts(place);
  for (const host of hosts) await addZone(admin, zones[host], host);
}

/** Zeros; a server's disk is the host's, the image is only asked for. */
async function addImage(admin: OpenstackSession): Promise<void> {
  const image = { name: imageName, disk_format: 'raw', container_format: 'bare', visibility: 'public' };
  const { id } = await admin.ask<Identified>('image', 'POST /v2/images', { body: image });
  await admin.ask('image', `PUT /v2/images/${id}/file`, { body: new Uint8Array(64 * 1024) });
}

async function addZone(admin: OpenstackSession, zone: string, host: string): Promise<void> {
  const { aggregate } = await admin.ask<{ aggregate: { id: number } }>('compute', 'POST /os-aggregates', {
    body: { aggregate: { name: zone, availability_zone: zone } },
  });
  await admin.ask('compute', `POST /os-aggregates/${aggregate.id}/action`, { body: { add_host: { host } } });
}

/** A host reports as a service first; only then can it be put into a cell and a zone. */
async function waitForHosts(admin: OpenstackSession, hosts: readonly string[]): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const { services } = await admin.ask<{ services: { host: string }[] }>(
      'compute',
      'GET /os-services?binary=nova-compute',
    );
    if (hosts.every((name) => services.some(({ host }) => host === name))) return;
    if (Date.now() > deadline) throw new Error('the compute hosts do not report');
    await wait(200);
  }
}
