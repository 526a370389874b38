import { errorText } from '../domain/errors.ts';
import type { ServerRecord } from '../ports/store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';

const atOnce = 20;
/** Pauses before each look whether Nova has done it (ms); after the last one the claim runs out and another round asks again. */
const looks = [0, 100, 300, 600, 1000, 1500];
/** A server that was asked to go this long ago and is still there is told to the operator (ms). */
const patience = 10 * 60_000;

/** 7. Deletes test servers that are no longer needed, and makes sure that they are gone: a slot is swept only after its worker. */
export async function deleteServers(flow: Flow): Promise<boolean> {
  const servers = await flow.store.claimServersToDelete(atOnce);
  await Promise.all(servers.map((server) => deleteServer(flow, server)));
  return servers.length === atOnce;
}

async function deleteServer(flow: Flow, server: ServerRecord): Promise<void> {
  const cloud = flow.clouds.get(server.cloud);
  try {
    if (cloud && (await isGone(flow, server))) await flow.store.saveServerDeleted(server.id);
  } catch (error) {
    flow.logger.warn(
      { server: server.name, err: errorText(error) },
      'a test server could not be deleted and is tried again',
    );
    if (Date.now() - server.createdAt < patience) return;
    await flow.store.saveNotice({
      code: 'cloud-refused',
      subject: server.name,
      text: `${server.name} cannot be deleted: ${errorText(error)}`,
    });
  }
}

async function isGone(flow: Flow, server: ServerRecord): Promise<boolean> {
  const cloud = flow.clouds.get(server.cloud)!;
  if (server.address !== undefined) disconnect(flow, server);
  const novaId = server.novaId ?? (await findByMark(flow, server));
  if (novaId === undefined) return true;
  await cloud.deleteServer(novaId);
  for (const pause of looks) {
    await sleep(pause);
    const shown = await cloud.showServer(novaId);
    if (shown === undefined || shown.status === 'DELETED') return true;
  }
  return false;
}

/** Sidegate may have died between asking Nova for the server and noting its id. */
async function findByMark(flow: Flow, server: ServerRecord): Promise<string | undefined> {
  const marked = await flow.clouds.get(server.cloud)!.listMarkedServers(flow.installation);
  return marked.find(({ mark }) => mark?.server === server.id)?.id;
}

function disconnect(flow: Flow, server: ServerRecord): void {
  const label = flow.settings.labels.find(({ name }) => name === server.label);
  if (!label || server.address === undefined) return;
  flow.jobs.disconnect({ address: server.address, port: label.sshPort, user: label.user, hostKeys: server.hostKeys });
}
