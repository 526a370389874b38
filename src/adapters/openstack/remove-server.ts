import type { ServerRemains } from '../../ports/cloud.ts';
import type { Client } from './client.ts';
import { deleteFloatingIp, findFloatingIps } from './floating-ips.ts';
import { deletePort, findPorts } from './ports.ts';
import { findServers, serverPath } from './servers.ts';
import { deleteVolume, findVolumes } from './volumes.ts';

/** One step of `Cloud.removeServer`. Asks only for what the place can have given the server. */
export async function removeServer(client: Client, server: ServerRemains, force: boolean): Promise<boolean> {
  const place = server.place?.kind === 'openstack' ? server.place : undefined;
  if (!place || place.floatingNetwork !== undefined) await removeFloatingIps(client, server);
  if (!(await removeServers(client, server, force))) return false;
  await removePorts(client, server);
  const hasVolume = place ? place.volume !== undefined : (await client.session()).offers('block-storage');
  return !hasVolume || removeVolumes(client, server);
}

async function removeFloatingIps(client: Client, { mark }: ServerRemains): Promise<void> {
  for (const { id } of await findFloatingIps(client, mark)) await deleteFloatingIp(client, id);
}

/** True when Nova knows none of them any more. */
async function removeServers(client: Client, { id, mark }: ServerRemains, force: boolean): Promise<boolean> {
  const ids = id === undefined ? (await findServers(client, mark)).map((server) => server.id) : [id];
  let gone = true;
  for (const each of ids) gone = (await deleteServer(client, each, force)) && gone;
  return gone;
}

/** True when Nova no longer knows it. Nova passes over what is on its way already. */
export async function deleteServer(client: Client, id: string, force: boolean): Promise<boolean> {
  if (force) {
    const path = `${serverPath(id)}/action`;
    const forced = await client.call({
      service: 'compute',
      method: 'POST',
      path,
      body: { forceDelete: null },
      repeatable: true,
      accept: [400, 403, 404, 409],
    });
    if (forced.status === 404) return true;
    if (forced.status < 300) return false;
    // Not allowed, or not in this state.
  }
  const answer = await client.call({ service: 'compute', method: 'DELETE', path: serverPath(id), accept: [404, 409] });
  return answer.status === 404;
}

/** Not before the server is gone: Nova would miss them at their end. */
async function removePorts(client: Client, { mark }: ServerRemains): Promise<void> {
  for (const { id } of await findPorts(client, mark)) await deletePort(client, id);
}

/** True when Cinder knows none; it deletes in its own time. */
async function removeVolumes(client: Client, { mark }: ServerRemains): Promise<boolean> {
  const volumes = await findVolumes(client, mark);
  for (const { id, status } of volumes) if (status !== 'deleting') await deleteVolume(client, id);
  return volumes.length === 0;
}
