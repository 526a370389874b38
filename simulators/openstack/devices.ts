import type { Ports } from './ports.ts';
import type { SimulatedServer, World } from './world.ts';
import type { Volumes } from './volumes.ts';
import { volumeQuotaProblem } from './cinder-quota.ts';

/** Binds the ports that were asked for and makes the others. Throws what becomes the server's fault. */
export function connectPorts(server: SimulatedServer, world: World, ports: Ports): void {
  const groups = [...world.securityGroups.values()].filter(
    ({ name, projectId }) => projectId === server.projectId && server.securityGroups.includes(name),
  );
  for (const { network, portId } of server.wantedInterfaces) {
    const given = portId === undefined ? undefined : world.ports.get(portId);
    if (portId !== undefined && !given) throw new Error(`Port id ${portId} could not be found.`);
    if (given && given.deviceId !== '') throw new Error(`Port ${given.id} is still in use.`);
    const port =
      given ??
      ports.create({
        name: '',
        description: '',
        projectId: server.projectId,
        network,
        securityGroups: network.portSecurity ? groups.map(({ id }) => id) : [],
        adminStateUp: true,
        deviceId: '',
        deviceOwner: '',
        madeByNova: true,
      });
    ports.bind(port, server);
    server.ports = [...server.ports, port];
  }
}

/** Attaches the volume that was asked for, or makes one of the image. Throws what becomes the server's fault. */
export async function attachRootVolume(server: SimulatedServer, world: World, volumes: Volumes): Promise<void> {
  const wanted = server.wantedVolume;
  if (!wanted) return;
  const { source, deleteOnTermination } = wanted;
  if ('volumeId' in source) {
    const volume = world.volumes.get(source.volumeId);
    if (!volume)
      throw new Error(`Build of instance ${server.id} aborted: Volume ${source.volumeId} could not be found.`);
    server.volumes = [{ volume, deleteOnTermination }];
    return volumes.attach(volume, server);
  }
  const problem = volumeQuotaProblem(world, server.projectId, source.size);
  if (problem !== undefined) throw new Error(`Build of instance ${server.id} aborted: ${problem}`);
  const { volume, done } = volumes.create({
    name: '',
    description: '',
    projectId: server.projectId,
    userId: server.userId,
    size: source.size,
    type: undefined,
    zone: 'nova',
    image: source.image,
    metadata: {},
  });
  server.volumes = [{ volume, deleteOnTermination }];
  await done;
  if (volume.status === 'error') {
    const why = 'its status is error.';
    throw new Error(`Build of instance ${server.id} aborted: Volume ${volume.id} did not finish being created: ${why}`);
  }
  volumes.attach(volume, server);
}
