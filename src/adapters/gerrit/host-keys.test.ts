import { expect, it } from 'vitest';
import { fingerprint, hostKeyAlgorithms, isPinned } from './host-keys.ts';
import { generateSshKey } from '../../shared/generate-ssh-key.ts';

const pinned = generateSshKey('test').publicKey;
const other = generateSshKey('test').publicKey;

function bytes(key: string): Buffer {
  return Buffer.from(key.split(' ')[1] ?? '', 'base64');
}

it('knows a pinned key among several, with or without a comment', () => {
  expect(isPinned([other, `${pinned} review.example.com`], bytes(pinned))).toBe(true);
  expect(isPinned([other], bytes(pinned))).toBe(false);
  expect(isPinned([], bytes(pinned))).toBe(false);
});

it('asks the server for the types that are pinned', () => {
  expect(hostKeyAlgorithms(['ssh-rsa AAAA', 'ssh-ed25519 AAAA'])).toEqual([
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-rsa',
    'ssh-ed25519',
  ]);
  expect(hostKeyAlgorithms(['AAAA', ''])).toEqual([]);
});

it('names the type and fingerprint of a key', () => {
  expect(fingerprint(bytes(pinned))).toMatch(/^ssh-ed25519 SHA256:[\w+/]{43}$/);
});
