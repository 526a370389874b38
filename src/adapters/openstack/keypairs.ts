import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import type { Client } from './client.ts';
import { listAll } from './list-all.ts';

const keypairSchema = z.object({ keypair: z.object({ public_key: z.string() }) });

/** Creates the keypair unless it exists. One of that name with another key is somebody else's: it is left alone and told. */
export async function ensureKeypair(client: Client, name: string, publicKey: string): Promise<void> {
  if (await hasKeypair(client, name, publicKey)) return;
  const body = { keypair: { name, type: 'ssh', public_key: publicKey } };
  const answer = await client.call({ service: 'compute', method: 'POST', path: '/os-keypairs', body, accept: [409] });
  // Another process was faster.
  if (answer.status === 409 && !(await hasKeypair(client, name, publicKey))) {
    throw new SidegateError('cloud-refused', `keypair ${name} can neither be created nor be seen`);
  }
}

async function hasKeypair(client: Client, name: string, publicKey: string): Promise<boolean> {
  const path = `/os-keypairs/${encodeURIComponent(name)}`;
  const answer = await client.call({ service: 'compute', method: 'GET', path, accept: [404] });
  if (answer.status === 404) return false;
  if (keyOf(answer.read(keypairSchema).keypair.public_key) === keyOf(publicKey)) return true;
  throw new SidegateError(
    'cloud-refused',
    `keypair ${name} exists with another key: delete it, or let sidegate use another name`,
  );
}

/** Type and key without the comment. */
function keyOf(publicKey: string): string {
  return publicKey.trim().split(/\s+/u).slice(0, 2).join(' ');
}

const namedSchema = z.object({ keypair: z.object({ name: z.string() }) });

/** Names of the user's keypairs. */
export async function listKeypairs(client: Client): Promise<readonly string[]> {
  const marker = ({ keypair }: z.infer<typeof namedSchema>) => keypair.name;
  const listing = { service: 'compute', path: '/os-keypairs', key: 'keypairs', item: namedSchema, marker } as const;
  return (await listAll(client, listing)).map(marker);
}

export async function deleteKeypair(client: Client, name: string): Promise<void> {
  const path = `/os-keypairs/${encodeURIComponent(name)}`;
  await client.call({ service: 'compute', method: 'DELETE', path, accept: [404] });
}
