import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';

const rsa: readonly ServerHostKeyAlgorithm[] = ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'];
const algorithmsOfType: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': rsa,
};

/** Algorithms of the pinned keys only: else the server would show its ed25519 key to somebody who pinned the RSA one. */
export function hostKeyAlgorithms(pinned: readonly string[]): ServerHostKeyAlgorithm[] {
  const types = new Set(pinned.map((key) => key.trim().split(/\s+/)[0] ?? ''));
  return [...types].flatMap((type) => algorithmsOfType[type] ?? []);
}

export function isPinned(pinned: readonly string[], shown: Buffer): boolean {
  const base64 = shown.toString('base64');
  return pinned.some((key) => key.trim().split(/\s+/)[1] === base64);
}

/** `ssh-ed25519 SHA256:…`, as `ssh-keygen -l` and Gerrit's settings page write it. */
export function fingerprint(key: Buffer): string {
  // A public key begins with the length and the name of its type.
  const type = key.subarray(4, 4 + Math.min(key.readUInt32BE(0), 64)).toString('latin1');
  return `${type} SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}
