import { isOther, otherUser } from './others.ts';
import type { Region } from './region.ts';
import type { Identity, World } from './world.ts';

const seededCredential = '9aa65a2ffdc04ff4842f012edfe76032';

/** Everything clients made and did not delete: what the seed and other users have is left out. */
export function remainsOf(identity: Identity, regions: readonly Region[]): object {
  const resources = regions.flatMap(({ world }) =>
    resourcesOf(world).map((resource) => ({ region: world.region, ...resource })),
  );
  const credentials = [...identity.applicationCredentials.values()]
    .filter(({ id }) => id !== seededCredential)
    .map(({ id, name }) => ({ kind: 'application-credential', id, name, status: '', mark: {} }));
  return { remains: [...resources, ...credentials] };
}

interface Resource {
  readonly kind: string;
  readonly id: string;
  readonly name: string;
  readonly status: string;
  /** Metadata, properties or the description. */
  readonly mark: Readonly<Record<string, string>>;
}

function resourcesOf(world: World): readonly Resource[] {
  const servers = [...world.servers.values()].filter(({ userId }) => userId !== otherUser);
  const ports = [...world.ports.values()].filter((port) => !isOther(port));
  const floating = [...world.floatingIps.values()].filter((entry) => !isOther(entry));
  const images = [...world.images.values()].filter(({ id }) => !world.seeded.has(id));
  const groups = [...world.securityGroups.values()].filter(({ id }) => !world.seeded.has(id));
  return [
    ...servers.map(({ id, name, vmState, taskState, metadata }) => ({
      kind: 'server',
      id,
      name,
      status: taskState ?? vmState,
      mark: metadata,
    })),
    ...ports.map(({ id, name, deviceId, description }) => ({
      kind: 'port',
      id,
      name,
      status: deviceId === '' ? 'unbound' : 'bound',
      mark: { description },
    })),
    ...floating.map(({ id, address, portId, description }) => ({
      kind: 'floating-ip',
      id,
      name: address,
      status: portId === undefined ? 'unbound' : 'bound',
      mark: { description },
    })),
    ...[...world.volumes.values()].map(({ id, name, status, metadata }) => ({
      kind: 'volume',
      id,
      name,
      status,
      mark: metadata,
    })),
    ...[...world.keypairs.values()].map(({ name }) => ({ kind: 'keypair', id: name, name, status: '', mark: {} })),
    ...images.map(({ id, name, status, properties }) => ({ kind: 'image', id, name, status, mark: { ...properties } })),
    ...groups.map(({ id, name }) => ({ kind: 'security-group', id, name, status: '', mark: {} })),
  ];
}
