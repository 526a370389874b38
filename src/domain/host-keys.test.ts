import { expect, test } from 'vitest';
import { hostKeysOf } from './host-keys.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHVzZWQgaW4gYSB0ZXN0IG9ubHkgbm90aGluZyBlbHNl';

test('host keys are read from between the marks of cloud-init, prefixes and comments left out', () => {
  const log = `boot\n${key} outside\n-----BEGIN SSH HOST KEY KEYS-----\nci-info: ${key} root@host\nnonsense\n-----END SSH HOST KEY KEYS-----\nlogin:`;

  expect(hostKeysOf(log)).toEqual([key]);
});

test('a console without a complete block has no keys yet', () => {
  expect(hostKeysOf(`-----BEGIN SSH HOST KEY KEYS-----\n${key}`)).toEqual([]);
});
