import { z } from 'zod';
import type { CloudServer, ServerMark } from '../../ports/cloud.ts';
import type { Client } from './client.ts';
import { listAll } from './list-all.ts';
import { isSame, markOfMetadata, markTag } from './marks.ts';
import { novaServerSchema, toCloudServer } from './server-schema.ts';
import type { NovaServer } from './server-schema.ts';

const serverSchema = z.object({ server: novaServerSchema });
const consoleSchema = z.object({ output: z.string() });
const consoleLimit = 102_400;

export async function showServer(client: Client, id: string): Promise<CloudServer | undefined> {
  const answer = await client.call({ service: 'compute', method: 'GET', path: serverPath(id), accept: [404] });
  return answer.status === 404 ? undefined : toCloudServer(answer.read(serverSchema).server);
}

/** 404: the server is gone; 409: it has no console yet. */
export async function consoleLog(client: Client, id: string): Promise<string> {
  const answer = await client.call({
    service: 'compute',
    method: 'POST',
    path: `${serverPath(id)}/action`,
    body: { 'os-getConsoleOutput': {} },
    repeatable: true,
    accept: [404, 409],
  });
  return answer.status === 200 ? answer.read(consoleSchema).output.slice(-consoleLimit) : '';
}

/** All servers of the project that match. */
export function listServers(client: Client, query: Readonly<Record<string, string>>): Promise<readonly NovaServer[]> {
  return listAll(client, {
    service: 'compute',
    path: '/servers/detail',
    query,
    key: 'servers',
    item: novaServerSchema,
  });
}

/** Those with this mark, the oldest first. */
export async function findServers(client: Client, mark: ServerMark): Promise<readonly NovaServer[]> {
  const servers = await listServers(client, { tags: markTag(mark) });
  return servers
    .filter(({ metadata }) => isSame(markOfMetadata(metadata), mark))
    .toSorted((a, b) => a.created.localeCompare(b.created) || a.id.localeCompare(b.id));
}

export function serverPath(id: string): string {
  return `/servers/${encodeURIComponent(id)}`;
}
