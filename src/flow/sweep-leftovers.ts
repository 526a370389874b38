import { errorText } from '../domain/errors.ts';
import { findLeftovers } from '../domain/leftovers.ts';
import type { Cloud, MarkedResource } from '../ports/cloud.ts';
import type { KnownLeftover } from '../ports/leftover-store.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import { createSideWork } from '../shared/side-work.ts';
import type { Flow } from './context.ts';
import { deleteLeftovers, leftoverText } from './delete-leftovers.ts';

/** What was found at one cloud, and what became of it. */
export interface SweptCloud {
  readonly cloud: string;
  /** Everything with our mark; undefined when the cloud could not be searched. */
  readonly marked: readonly MarkedResource[] | undefined;
  readonly leftovers: readonly MarkedResource[];
  /** Those of them that are still there though their deletion was asked for. */
  readonly left: readonly KnownLeftover[];
  /** Servers that had a row before the cloud was asked. */
  readonly alive: readonly ServerRecord[];
  /** What hindered the search or the deletions. */
  readonly trouble: string | undefined;
}

/** `keypair`: the one in use; undefined: who looks cannot know. */
type SweepNeeds = Pick<Flow, 'store' | 'installation' | 'logger'> & { readonly keypair: Flow['keypair'] | undefined };

/** Compares clouds and rows, both ways: what carries our mark and belongs to nothing goes, and a server that is gone is not waited for. */
export function createLeftoverSweeper(flow: Flow): () => Promise<void> {
  const start = createSideWork((cloud, error) =>
    flow.logger.warn({ cloud, err: errorText(error) }, 'a sweep for leftovers failed and is tried again'),
  );
  return async () => {
    for (const cloud of flow.clouds.values()) start(cloud.name, () => sweepLeftovers(flow, cloud));
  };
}

/** One cloud's turn. */
export async function sweepLeftovers(flow: Flow, cloud: Cloud): Promise<void> {
  const mode = flow.settings.clouds.find(({ name }) => name === cloud.name)?.sweep ?? 'delete';
  const { marked, leftovers, alive, trouble } = await sweepCloud(flow, cloud, mode);
  if (trouble !== undefined)
    flow.logger.warn({ cloud: cloud.name, err: trouble }, 'the cloud could not be searched for leftovers to the end');
  if (!marked) return;
  await noteFound(flow, cloud.name, mode === 'report' ? leftovers : []);
  if (mode === 'report') await countFound(flow, cloud.name, leftovers);
  await releaseLost(
    flow,
    alive.filter((server) => isWaitingAt(server, cloud.name)),
    marked,
  );
}

/** `report`: nothing is touched, as `sidegate sweep --dry-run` asks for. */
export async function sweepCloud(flow: SweepNeeds, cloud: Cloud, mode: 'delete' | 'report'): Promise<SweptCloud> {
  const nothing = { cloud: cloud.name, marked: undefined, leftovers: [], left: [], alive: [], trouble: undefined };
  let swept: SweptCloud = nothing;
  try {
    swept = { ...nothing, ...(await searchCloud(flow, cloud)) };
    const left = mode === 'delete' ? await deleteLeftovers(flow, cloud, swept.leftovers) : [];
    return { ...swept, left };
  } catch (error) {
    return { ...swept, trouble: errorText(error) };
  }
}

async function searchCloud({ store, installation, keypair }: SweepNeeds, cloud: Cloud) {
  // Read before the cloud is asked: a server that became ready meanwhile is in neither list, and one whose ordinary deletion ends
  // meanwhile is no leftover.
  const alive = await store.aliveServers();
  const imagesBefore = await store.liveImages();
  // Rows are committed before their resources are made: what is listed and has no row now never had one, or lost it.
  const marked = await cloud.listMarked(installation);
  const servers = await store.findServers(marked.flatMap(({ of }) => (of === undefined ? [] : [of])));
  const states = new Map(alive.map(({ id, state }) => [id, state]));
  const leftovers = findLeftovers(marked, {
    servers: servers.map(({ id, state, novaId }) => ({ id, novaId, state: states.get(id) ?? state })),
    images: [...imagesBefore, ...(await store.liveImages())],
    keypair: keypair?.name,
  });
  return { marked, leftovers, alive };
}

async function noteFound(flow: Flow, cloud: string, found: readonly MarkedResource[]): Promise<void> {
  if (found.length === 0) return flow.store.closeNotice('leftovers-found', cloud);
  await flow.store.saveNotice({
    code: 'leftovers-found',
    subject: cloud,
    text: `${found.length} on ${cloud}: ${found.map(leftoverText).join(', ')}`,
  });
}

/** Each once, however long it stays. */
async function countFound({ store }: Flow, cloud: string, leftovers: readonly MarkedResource[]): Promise<void> {
  const { found } = await store.saveLeftovers(cloud, leftovers);
  for (const { kind } of found) await store.count('leftovers_found', kind);
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
