import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import ssh2 from 'ssh2';
import { generateSshKey } from '../../shared/generate-ssh-key.ts';
import { SidegateError, errorText } from '../../domain/errors.ts';

export interface ServerKey {
  readonly privateKey: string;
  /** As in authorized_keys. */
  readonly publicKey: string;
  /** First 12 hex digits of the public key's SHA-256; names the keypair in the cloud. */
  readonly fingerprint: string;
}

/** Keypair of this key in every cloud; by its name the clouds' sweep knows it as ours. */
export function keypairOf(key: ServerKey, installation: string): { name: string; publicKey: string } {
  return { name: `sidegate-${installation}-${key.fingerprint}`, publicKey: key.publicKey };
}

/** The key sidegate logs in to test servers with: the configured file, or one made once in the state directory. */
export async function loadServerKey(file: string | undefined, stateDirectory: string): Promise<ServerKey> {
  const path = file ?? join(stateDirectory, 'server-key');
  if (file === undefined) await makeKey(path);
  const privateKey = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new SidegateError('config-invalid', `ssh.private_key: ${errorText(error)}`, { cause: error });
  });
  const parsed = ssh2.utils.parseKey(privateKey);
  if (parsed instanceof Error) throw new SidegateError('config-invalid', `${path}: ${parsed.message}`);
  const publicKey = parsed.getPublicSSH();
  const fingerprint = createHash('sha256').update(publicKey).digest('hex').slice(0, 12);
  return { privateKey, publicKey: `${parsed.type} ${publicKey.toString('base64')}`, fingerprint };
}

async function makeKey(path: string): Promise<void> {
  const exists = await readFile(path).then(
    () => true,
    () => false,
  );
  if (exists) return;
  await mkdir(dirname(path), { recursive: true });
  const { privateKey } = generateSshKey('sidegate');
  // Renamed into place whole: a crash must not leave half a key that servers are then booted with.
  await writeFile(`${path}.new`, privateKey, { mode: 0o600 });
  await rename(`${path}.new`, path);
}
