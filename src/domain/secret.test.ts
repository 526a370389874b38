// oxlint-disable-next-line no-restricted-imports -- only the test looks at it through Node
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { Secret } from './secret.ts';

test('a secret never shows itself by accident', () => {
  const secret = new Secret('hunter2');
  const around = { password: secret, list: [secret] };

  const seen = [
    secret.toString(),
    JSON.stringify(around),
    inspect(around, { depth: 9, showHidden: true }),
    Object.keys(secret).join(),
  ];

  expect(seen.join()).not.toContain('hunter2');
  expect(JSON.stringify(around)).toBe('{"password":"***","list":["***"]}');
  expect(secret.reveal()).toBe('hunter2');
});
