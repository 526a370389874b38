import { errorText } from '../domain/errors.ts';
import type { ServerRemains } from '../ports/cloud.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';
import { remoteHostOf } from './remote-host.ts';

/** In one cloud. */
const atOnce = 20;
/** Pauses before each step (ms); after the last one the claim runs out and another round goes on. */
const pauses = [0, 100, 300, 600, 1000, 1500];
/** After this long an ordinary deletion is not enough (ms). */
const forceAfter = 3 * 60_000;
/** A server that is still there after this long is told to the operator (ms). */
const patience = 10 * 60_000;

/**
 * 7. Deletes test servers that are no longer needed, and makes sure that nothing of them is left: a slot is swept only after its worker.
 * Nothing waits for a deletion to end: a cloud that does not answer holds up those of no other one.
 */
export function createServerDeleter(flow: Flow): () => Promise<void> {
  const deleting = new Map([...flow.clouds.keys()].map((cloud) => [cloud, new Set<string>()]));
  return async () => {
    for (const [cloud, known] of deleting) {
      if (known.size >= atOnce) continue;
      for (const server of await flow.store.claimServersToDelete(cloud, atOnce - known.size, [...known])) {
        known.add(server.id);
        void deleteServer(flow, server)
          .catch((error: unknown) =>
            flow.logger.error({ server: server.name, err: errorText(error) }, 'a deletion could not be noted'),
          )
          .finally(() => known.delete(server.id));
      }
    }
  };
}

async function deleteServer(flow: Flow, server: ServerRecord): Promise<void> {
  try {
    if (await removeFromCloud(flow, server)) {
      await flow.store.saveServerDeleted(server.id);
      await flow.store.closeNotice('server-stuck', server.name);
    } else await noteStuck(flow, server, 'the cloud still has it');
  } catch (error) {
    flow.logger.warn(
      { server: server.name, err: errorText(error) },
      'a test server could not be deleted and is tried again',
    );
    await noteStuck(flow, server, errorText(error));
  }
}

async function noteStuck(flow: Flow, server: ServerRecord, why: string): Promise<void> {
  if (Date.now() - server.since < patience) return;
  const text = `${server.name} on ${server.cloud} cannot be deleted (${server.deleteAttempts} attempts): ${why}`;
  await flow.store.saveNotice({ code: 'server-stuck', subject: server.name, text });
}

async function removeFromCloud(flow: Flow, server: ServerRecord): Promise<boolean> {
  const cloud = flow.clouds.get(server.cloud);
  if (!cloud) throw new Error(`the cloud ${server.cloud} is no longer configured`);
  const host = remoteHostOf(flow, server);
  if (host) flow.jobs.disconnect(host);
  const force = Date.now() - server.since > forceAfter;
  for (const pause of pauses) {
    await sleep(pause);
    if (await cloud.removeServer(remainsOf(flow, server), force)) return true;
  }
  return false;
}

function remainsOf(flow: Flow, server: ServerRecord): ServerRemains {
  const label = flow.settings.labels.find(({ name }) => name === server.label);
  return {
    id: server.novaId,
    mark: { owner: flow.installation, server: server.id },
    place: label?.places.find(({ cloud }) => cloud === server.cloud),
  };
}
