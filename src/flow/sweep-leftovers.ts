import { errorText } from '../domain/errors.ts';
import { findLeftovers } from '../domain/leftovers.ts';
import type { Cloud, MarkedResource } from '../ports/cloud.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import type { Flow } from './context.ts';

/** What was found at one cloud, and whether it was deleted. */
export interface SweptCloud {
  readonly cloud: string;
  /** Everything with our mark. */
  readonly marked: readonly MarkedResource[];
  readonly leftovers: readonly MarkedResource[];
  /** Why the cloud could not be searched to the end. */
  readonly trouble: string | undefined;
}

/** Compares clouds and rows, both ways: what carries our mark and belongs to nothing goes, and a server that is gone is not waited for. */
export async function sweepLeftovers(flow: Flow): Promise<void> {
  for (const cloud of flow.clouds.values()) {
    const mode = flow.settings.clouds.find(({ name }) => name === cloud.name)?.sweep ?? 'delete';
    // Read before the cloud is asked: a server that became ready meanwhile is in neither list.
    const waiting = (await flow.store.aliveServers()).filter((server) => isWaitingAt(server, cloud.name));
    const { marked, leftovers, trouble } = await sweepCloud(flow, cloud, mode);
    if (trouble !== undefined) {
      flow.logger.warn({ cloud: cloud.name, err: trouble }, 'the cloud could not be searched for leftovers');
      continue;
    }
    await noteLeftovers(flow, cloud.name, mode === 'report' ? leftovers : []);
    await releaseLost(flow, waiting, marked);
  }
}

/** `report`: nothing is touched, as `sidegate sweep --dry-run` asks for. */
export async function sweepCloud(
  flow: Pick<Flow, 'store' | 'installation' | 'logger'> & { readonly keypair: Flow['keypair'] | undefined },
  cloud: Cloud,
  mode: 'delete' | 'report',
): Promise<SweptCloud> {
  let marked: readonly MarkedResource[] = [];
  let leftovers: readonly MarkedResource[] = [];
  try {
    // Rows are committed before their resources are made: what is listed and has no row now never had one, or lost it.
    marked = await cloud.listMarked(flow.installation);
    const servers = await flow.store.findServers(marked.flatMap(({ of }) => (of === undefined ? [] : [of])));
    const images = await flow.store.liveImages();
    leftovers = findLeftovers(marked, { servers, images, keypair: flow.keypair?.name });
    if (mode === 'delete') for (const resource of leftovers) await deleteLeftover(flow, cloud, resource);
    return { cloud: cloud.name, marked, leftovers, trouble: undefined };
  } catch (error) {
    return { cloud: cloud.name, marked, leftovers, trouble: errorText(error) };
  }
}

async function deleteLeftover(
  { store, logger }: Pick<Flow, 'store' | 'logger'>,
  cloud: Cloud,
  resource: MarkedResource,
): Promise<void> {
  const { kind, id, name } = resource;
  logger.warn({ cloud: cloud.name, kind, id, name }, 'a leftover is deleted');
  await cloud.deleteMarked(resource);
  await store.count('leftovers_deleted', kind);
}

async function noteLeftovers(flow: Flow, cloud: string, found: readonly MarkedResource[]): Promise<void> {
  if (found.length === 0) return flow.store.closeNotice('leftovers-found', cloud);
  const list = found.map(({ kind, name, id }) => `${kind} ${name} (${id})`).join(', ');
  await flow.store.saveNotice({
    code: 'leftovers-found',
    subject: cloud,
    text: `${found.length} on ${cloud}: ${list}`,
  });
}

function isWaitingAt({ state, build, novaId, cloud }: ServerRecord, name: string): boolean {
  return cloud === name && state === 'ready' && build === undefined && novaId !== undefined;
}

/** Servers that wait for a build and that somebody deleted: the next build must not get one of them. */
async function releaseLost(
  { store }: Flow,
  waiting: readonly ServerRecord[],
  marked: readonly MarkedResource[],
): Promise<void> {
  const known = new Set(marked.filter(({ kind }) => kind === 'server').map(({ id }) => id));
  for (const { id, label } of waiting.filter(({ novaId }) => !known.has(novaId!))) {
    await store.releaseServer(id, { code: 'server-lost', detail: 'Somebody deleted it while it waited for a build.' });
    await store.count('servers_lost', label);
  }
}
