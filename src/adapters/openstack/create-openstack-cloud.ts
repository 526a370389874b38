import { z } from 'zod';
import type { CloudAccess } from '../../domain/cloud-access.ts';
import type { Cloud, CloudServer } from '../../ports/cloud.ts';
import type { Logger } from '../../shared/logger.ts';
import { createClient } from './client.ts';
import type { Client } from './client.ts';
import { ensureKeypair } from './keypairs.ts';
import { createNameResolver } from './names.ts';
import { novaServerSchema, toCloudServer } from './server-schema.ts';
import { ensureServer, listServers } from './servers.ts';

const serverSchema = z.object({ server: novaServerSchema });
const consoleSchema = z.object({ output: z.string() });
const consoleLimit = 102_400;

/** One OpenStack project as sidegate's cloud; logs in with the first call. */
export function createOpenstackCloud({ cloud, logger }: { cloud: CloudAccess; logger?: Logger }): Cloud {
  const client = createClient(cloud, logger);
  const names = createNameResolver(client);
  return {
    name: cloud.name,
    ensureServer: (request) => ensureServer(client, names, request),
    showServer: (id) => showServer(client, id),
    deleteServer: (id) => deleteServer(client, id),
    listMarkedServers: (owner) => listMarkedServers(client, owner),
    consoleLog: (id) => consoleLog(client, id),
    ensureKeypair: (name, publicKey) => ensureKeypair(client, name, publicKey),
  };
}

async function showServer(client: Client, id: string): Promise<CloudServer | undefined> {
  const answer = await client.call({ service: 'compute', method: 'GET', path: serverPath(id), accept: [404] });
  return answer.status === 404 ? undefined : toCloudServer(answer.read(serverSchema).server);
}

async function deleteServer(client: Client, id: string): Promise<void> {
  await client.call({ service: 'compute', method: 'DELETE', path: serverPath(id), accept: [404] });
}

async function listMarkedServers(client: Client, owner: string): Promise<readonly CloudServer[]> {
  const servers = await listServers(client, {});
  return servers.map(toCloudServer).filter(({ mark }) => mark?.owner === owner);
}

/** 404: the server is gone; 409: it has no console yet. */
async function consoleLog(client: Client, id: string): Promise<string> {
  const body = { 'os-getConsoleOutput': {} };
  const path = `${serverPath(id)}/action`;
  const answer = await client.call({
    service: 'compute',
    method: 'POST',
    path,
    body,
    repeatable: true,
    accept: [404, 409],
  });
  return answer.status === 200 ? answer.read(consoleSchema).output.slice(-consoleLimit) : '';
}

function serverPath(id: string): string {
  return `/servers/${encodeURIComponent(id)}`;
}
