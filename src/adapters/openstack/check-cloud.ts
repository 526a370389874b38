import { z } from 'zod';
import type { CloudAccess } from '../../domain/cloud-access.ts';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import type { CloudPlace, ServerLabel } from '../../domain/settings.ts';
import { checkQuota } from './check-quota.ts';
import { createClient } from './client.ts';
import type { Client } from './client.ts';
import { findFlavor } from './flavors.ts';
import { findImage } from './images.ts';
import { findExternalNetwork, findNetwork, findSecuredNetwork, findSecurityGroup } from './networks.ts';

/** Nobody else uses this client, and the doctor does not wait. */
const requestRate = 20;

/** For `sidegate doctor`: really logs in and looks for what the labels' places in this cloud name. Creates nothing. */
export async function checkCloud(access: CloudAccess, labels: readonly ServerLabel[]): Promise<readonly Finding[]> {
  const client = createClient(access, { requestRate, logger: undefined });
  const login = await check('login', () => checkLogin(client));
  if (!login.ok) return [login];
  const placed = labels.flatMap((label) => {
    const place = placeIn(label, access.name);
    return place ? [{ name: label.name, place }] : [];
  });
  const found = await Promise.all(placed.map(({ name, place }) => checkPlace(client, name, place)));
  return [login, ...found.flat(), await check('quota', () => checkQuota(client, access.name, labels))];
}

function placeIn(label: ServerLabel, cloud: string): CloudPlace | undefined {
  return label.places.find((place): place is CloudPlace => place.kind === 'openstack' && place.cloud === cloud);
}

/** A role with another name may allow anything; `reader` is the one that is known to allow nothing. */
async function checkLogin(client: Client): Promise<string> {
  const { projectName, roles } = await client.session();
  const text = `project ${projectName}, ${roles.length === 0 ? 'no role' : `role ${roles.join(', ')}`}`;
  if (roles.length === 0 || roles.some((role) => role !== 'reader')) return text;
  throw new SidegateError('cloud-auth', `${text}: it may only look; give the user the role member in the project`);
}

function checkPlace(client: Client, label: string, place: CloudPlace): Promise<readonly Finding[]> {
  const { image, flavor, networks, securityGroups, availabilityZones, floatingNetwork, volume } = place;
  const findOne = securityGroups.length > 0 ? findSecuredNetwork : findNetwork;
  const named = (what: string, name: string, find: () => Promise<string>) =>
    check(`label ${label}: ${what} ${name}`, find);
  return Promise.all([
    named('image', image, async () => `is image ${await findImage(client, image)}`),
    named('flavor', flavor, () => describeFlavor(client, flavor)),
    ...networks.map((name) => named('network', name, async () => `is network ${await findOne(client, name)}`)),
    ...securityGroups.map((name) =>
      named('security group', name, async () => `is security group ${await findSecurityGroup(client, name)}`),
    ),
    ...availabilityZones.map((name) => named('zone', name, () => checkZone(client, name))),
    ...[floatingNetwork]
      .filter((name) => name !== undefined)
      .map((name) =>
        named('floating network', name, async () => `is network ${await findExternalNetwork(client, name)}`),
      ),
    ...[volume]
      .filter((wanted) => wanted !== undefined)
      .map(({ size, type }) => named('volume of', `${size} GiB`, () => checkVolumes(client, type))),
  ]);
}

/** A good answer is the detail; what is thrown says what is wrong. */
async function check(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { ok: true, what, detail: await look(), todo: '' };
  } catch (error) {
    const todo = error instanceof SidegateError ? error.todo : 'Report this as a bug of sidegate.';
    return { ok: false, what, detail: error instanceof SidegateError ? error.detail : errorText(error), todo };
  }
}

async function describeFlavor(client: Client, name: string): Promise<string> {
  const { vcpus, ram } = await findFlavor(client, name);
  return `has ${vcpus} CPUs and ${ram} MiB`;
}

const zonesSchema = z.object({
  availabilityZoneInfo: z.array(z.object({ zoneName: z.string(), zoneState: z.object({ available: z.boolean() }) })),
});

async function checkZone(client: Client, name: string): Promise<string> {
  const answer = await client.call({ service: 'compute', method: 'GET', path: '/os-availability-zone' });
  const zones = answer.read(zonesSchema).availabilityZoneInfo.filter(({ zoneState }) => zoneState.available);
  if (zones.some(({ zoneName }) => zoneName === name)) return 'is available';
  throw new SidegateError(
    'cloud-refused',
    `available zones: ${zones.map(({ zoneName }) => zoneName).join(', ') || 'none'}`,
  );
}

const typesSchema = z.object({ volume_types: z.array(z.object({ id: z.string(), name: z.string() })) });

async function checkVolumes(client: Client, type: string | undefined): Promise<string> {
  const answer = await client.call({ service: 'block-storage', method: 'GET', path: '/types' });
  const types = answer.read(typesSchema).volume_types;
  if (type === undefined) return 'there is block storage';
  if (types.some(({ id, name }) => name === type || id === type)) return `there is volume type ${type}`;
  throw new SidegateError('cloud-refused', `volume types: ${types.map(({ name }) => name).join(', ') || 'none'}`);
}
