import { z } from 'zod';
import { errorCode } from '../../domain/errors.ts';
import type { ServerMark, ServerRequest } from '../../ports/cloud.ts';
import { sleep } from '../../shared/clock.ts';
import type { Client } from './client.ts';
import type { NameResolver, ResolvedLabel } from './names.ts';
import { hasMark, markMetadata, novaServerSchema } from './server-schema.ts';
import type { NovaServer } from './server-schema.ts';

const pageSize = 200;
const pageLimit = 500;
/** When to look for a server whose creation was not answered: Nova may still be writing it down. Milliseconds. */
const lookAgain = [0, 500, 2000];

const createdSchema = z.object({ server: z.object({ id: z.string().min(1).max(100) }) });
const pageSchema = z.object({
  servers: z.array(novaServerSchema),
  servers_links: z.array(z.object({ rel: z.string() })).optional(),
});

/** Id of the server with this mark, created unless it exists. */
export async function ensureServer(client: Client, names: NameResolver, request: ServerRequest): Promise<string> {
  const existing = await findMarked(client, request);
  if (existing !== undefined) return existing;
  const resolved = await names.resolve(request.label);
  try {
    return await createServer(client, request, resolved);
  } catch (error) {
    const code = errorCode(error);
    if (code === 'cloud-unreachable') return findAfterSilence(client, request, error);
    // An id remembered from before may be gone, as when images are rotated.
    if (code !== 'cloud-refused' || !names.forget()) throw error;
    const fresh = await names.resolve(request.label);
    if (JSON.stringify(fresh) === JSON.stringify(resolved)) throw error;
    return createServer(client, request, fresh);
  }
}

async function createServer(client: Client, request: ServerRequest, resolved: ResolvedLabel): Promise<string> {
  const { label, name, keypair, mark } = request;
  const server = {
    name,
    imageRef: resolved.imageId,
    flavorRef: resolved.flavorId,
    key_name: keypair,
    networks: resolved.networkIds.length > 0 ? resolved.networkIds.map((uuid) => ({ uuid })) : 'auto',
    metadata: markMetadata(mark),
    ...(label.securityGroups.length > 0
      ? { security_groups: label.securityGroups.map((group) => ({ name: group })) }
      : {}),
    ...(label.availabilityZone === undefined ? {} : { availability_zone: label.availabilityZone }),
  };
  const answer = await client.call({ service: 'compute', method: 'POST', path: '/servers', body: { server } });
  return answer.read(createdSchema).server.id;
}

/** Never a second create: whether the first one was carried out shows in the list only. */
async function findAfterSilence(client: Client, request: ServerRequest, error: unknown): Promise<string> {
  for (const pause of lookAgain) {
    await sleep(pause);
    const found = await findMarked(client, request);
    if (found !== undefined) return found;
  }
  throw error;
}

/** The oldest, should there be two: every caller then gets the same one. */
async function findMarked(client: Client, request: { name: string; mark: ServerMark }): Promise<string | undefined> {
  // Nova's name filter is a regular expression of its database; a dot for every special character is right in all of them.
  const pattern = `^${request.name.replaceAll(/[^\w-]/gu, '.')}$`;
  const servers = await listServers(client, { name: pattern });
  const own = servers.filter((server) => hasMark(server, request.mark) && !isGoing(server));
  return own.toSorted((a, b) => a.created.localeCompare(b.created) || a.id.localeCompare(b.id))[0]?.id;
}

function isGoing(server: NovaServer): boolean {
  return (
    server['OS-EXT-STS:task_state'] === 'deleting' || server.status === 'DELETED' || server.status === 'SOFT_DELETED'
  );
}

/** All servers of the project, page by page. */
export async function listServers(
  client: Client,
  filter: Readonly<Record<string, string>>,
): Promise<readonly NovaServer[]> {
  const servers: NovaServer[] = [];
  let marker: string | undefined;
  for (let page = 0; page < pageLimit; page += 1) {
    const query = new URLSearchParams({
      ...filter,
      limit: String(pageSize),
      ...(marker === undefined ? {} : { marker }),
    });
    const path = `/servers/detail?${query.toString()}`;
    const answer = await client.call({
      service: 'compute',
      method: 'GET',
      path,
      accept: marker === undefined ? [] : [400],
    });
    // The server that marks the page was deleted meanwhile: begin again.
    if (answer.status === 400) {
      servers.length = 0;
      marker = undefined;
      continue;
    }
    const part = answer.read(pageSchema);
    servers.push(...part.servers);
    marker = part.servers.at(-1)?.id;
    if (marker === undefined || !part.servers_links?.some(({ rel }) => rel === 'next')) break;
  }
  return servers;
}
