import { expect, test } from 'vitest';
import { isPassphraseProtected, looksLikePrivateKey } from './private-key.ts';
import { privateKey } from './testing/workspace.ts';

test('PEM keys are told apart by their armour', () => {
  expect([privateKey(), privateKey('secret')].map(isPassphraseProtected)).toEqual([false, true]);
  expect(looksLikePrivateKey(privateKey('secret'))).toBe(true);
  expect(looksLikePrivateKey('ssh-ed25519 AAAA')).toBe(false);
});

test('OpenSSH keys are told apart by the cipher they name', () => {
  const openssh = (cipher: string) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(cipher.length);
    const body = Buffer.concat([Buffer.from('openssh-key-v1\0'), length, Buffer.from(cipher), Buffer.alloc(60)]);
    return `-----BEGIN OPENSSH PRIVATE KEY-----\n${body.toString('base64')}\n-----END OPENSSH PRIVATE KEY-----\n`;
  };

  expect([openssh('none'), openssh('aes256-ctr')].map(isPassphraseProtected)).toEqual([false, true]);
});
