import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { suggestSignature } from '../domain/log-search/suggest-signature.ts';
import { escapePattern } from '../domain/signatures/escape-pattern.ts';
import { signatureSchema } from './schema/signature.ts';

const read = (yaml: string) => signatureSchema.parse(parse(yaml));

test('what is suggested is a signature that can be read, with its pattern and logs', () => {
  const yaml = suggestSignature({
    pattern: escapePattern('SDKServer "A" is (down): 100%'),
    logs: ['controller/logs/screen-n-cpu.txt', 'compute/logs/screen-n-cpu.txt.gz', 'job-output.txt'],
    example: 'ERROR nova: SDKServer "A" is (down): 100% \\ # x',
  });

  expect(read(yaml)).toMatchObject({
    id: 'name-it',
    logs: ['*screen-n-cpu.txt', 'job-output.txt'],
    any: [{ text: String.raw`SDKServer "A" is \(down\): 100%` }],
    examples: { match: ['ERROR nova: SDKServer "A" is (down): 100% \\ # x'] },
  });
});

test('it can be read whatever was found', () => {
  const text = fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }).filter((one) => !/[\r\n]/.test(one));
  fc.assert(
    fc.property(text, (found) => {
      const yaml = suggestSignature({ pattern: escapePattern(found), logs: ['a.txt'], example: found });
      expect(read(yaml).any[0]?.text).toBe(escapePattern(found));
    }),
  );
});
