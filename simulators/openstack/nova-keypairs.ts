import { createHash } from 'node:crypto';
import ssh2 from 'ssh2';
import { novaError, pythonText } from './errors.ts';
import type { Answer } from './http.ts';
import { bodyObject, novaRoute } from './nova-context.ts';
import type { NovaCall, NovaOptions } from './nova-context.ts';
import { parsePublicKey } from './ssh-server.ts';
import type { Keypair } from './world.ts';

export function keypairRoutes(nova: NovaOptions) {
  return [
    novaRoute(nova, 'GET', '/os-keypairs', listKeypairs),
    novaRoute(nova, 'POST', '/os-keypairs', createKeypair),
    novaRoute(nova, 'GET', '/os-keypairs/:name', showKeypair),
    novaRoute(nova, 'DELETE', '/os-keypairs/:name', deleteKeypair),
  ];
}

function listKeypairs(call: NovaCall): Answer {
  const own = [...call.nova.world.keypairs.values()].filter(({ userId }) => userId === call.token.user.id);
  const keypairs = own.map(({ name, publicKey, fingerprint }) => ({
    keypair: { name, public_key: publicKey, fingerprint, ...typeField(call) },
  }));
  return { status: 200, body: { keypairs } };
}

function createKeypair(call: NovaCall): Answer {
  const asked = bodyObject(call, 'keypair');
  const { name } = asked;
  if (typeof name !== 'string' || name === '') throw missing(asked, 'name');
  const { publicKey, secret } = askedKey(call, asked);
  const key = parsePublicKey(publicKey);
  if (!key) throw novaError(400, 'Keypair data is invalid: failed to generate fingerprint');
  const { keypairs } = call.nova.world;
  const userId = call.token.user.id;
  if (keypairs.has(`${userId}/${name}`)) throw novaError(409, `Key pair '${name}' already exists.`);

  const createdAt = new Date().toISOString();
  const keypair: Keypair = { name, userId, publicKey, fingerprint: fingerprint(key.getPublicSSH()), createdAt };
  keypairs.set(`${userId}/${name}`, keypair);
  const names = { name, public_key: publicKey, fingerprint: keypair.fingerprint, user_id: userId };
  return { status: call.version >= 2 ? 201 : 200, body: { keypair: { ...secret, ...typeField(call), ...names } } };
}

/** Until 2.92 Nova makes a key where none is given. */
function askedKey(
  call: NovaCall,
  asked: Record<string, unknown>,
): { publicKey: string; secret: { private_key?: string } } {
  const given = asked['public_key'];
  if (typeof given === 'string') return { publicKey: given, secret: {} };
  if (call.version >= 92) throw missing(asked, 'public_key');
  const made = ssh2.utils.generateKeyPairSync('rsa', { bits: 2048, comment: 'Generated-by-Nova' });
  return { publicKey: made.public, secret: { private_key: made.private } };
}

function showKeypair(call: NovaCall): Answer {
  const { name, publicKey, fingerprint: print, userId, createdAt } = pathKeypair(call);
  const times = { deleted: false, created_at: createdAt.replace('Z', '000'), updated_at: null, deleted_at: null };
  return {
    status: 200,
    body: {
      keypair: {
        ...typeField(call),
        id: 1,
        name,
        public_key: publicKey,
        fingerprint: print,
        user_id: userId,
        ...times,
      },
    },
  };
}

function deleteKeypair(call: NovaCall): Answer {
  const { name, userId } = pathKeypair(call);
  call.nova.world.keypairs.delete(`${userId}/${name}`);
  return { status: call.version >= 2 ? 204 : 202 };
}

function pathKeypair(call: NovaCall): Keypair {
  const name = call.params['name'] ?? '';
  const userId = call.token.user.id;
  const found = call.nova.world.keypairs.get(`${userId}/${name}`);
  if (!found) throw novaError(404, `Keypair ${name} not found for user ${userId}`);
  return found;
}

function typeField({ version }: NovaCall): { type?: 'ssh' } {
  return version >= 2 ? { type: 'ssh' } : {};
}

function missing(asked: Record<string, unknown>, property: string) {
  return novaError(
    400,
    `Invalid input for field/attribute keypair. Value: ${pythonText(asked)}. '${property}' is a required property`,
  );
}

function fingerprint(blob: Buffer): string {
  const digest = createHash('md5').update(blob).digest('hex');
  return digest.match(/../gu)!.join(':');
}
