import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import ssh2 from 'ssh2';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';

/** Accounts every seeded Gerrit has. E-mail is `USERNAME@example.com`. */
export const seededAccounts = {
  admin: { fullName: 'Administrator', password: 'secret', keyType: 'ed25519' },
  /** Our CI: hears events, comments, votes Verified -1..+1 on the projects below. */
  'zvm-ci': { fullName: 'Example z/VM CI', password: 'zvm-ci-secret', keyType: 'ed25519' },
  /** A developer: pushes and comments, may not read stream-events. */
  dev: { fullName: 'Dee Veloper', password: 'dev-secret', keyType: 'ed25519' },
  /** The gate: votes -2..+2 and submits. */
  zuul: { fullName: 'Zuul', password: 'zuul-secret', keyType: 'ed25519' },
  /** Another third-party CI: hears events and comments, has no right to vote. */
  nonevoter: { fullName: 'Other CI', password: 'other-secret', keyType: 'rsa' },
} as const;

export type AccountName = keyof typeof seededAccounts;

export const accountNames = Object.keys(seededAccounts) as AccountName[];

export const seededProjects = ['openstack/nova', 'openstack/nova-zvm', 'example/zvm-driver'] as const;

/** Writes `NAME` and `NAME.pub` for every account. */
export async function writeAccountKeys(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const name of accountNames) {
    const pair = generateKey(seededAccounts[name].keyType, name);
    await writeFile(join(folder, name), pair.private, { mode: 0o600 });
    await writeFile(join(folder, `${name}.pub`), `${pair.public}\n`);
  }
}

function generateKey(type: 'ed25519' | 'rsa', comment: string): { private: string; public: string } {
  if (type === 'ed25519') {
    const { privateKey, publicKey } = generateSshKey(comment);
    return { private: privateKey, public: publicKey };
  }
  return ssh2.utils.generateKeyPairSync('rsa', { bits: 3072, comment });
}
