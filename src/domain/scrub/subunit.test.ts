import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createSubunitParser } from '../subunit/parser.ts';
import { writeSubunitPacket } from '../subunit/writer.ts';
import { createScrubLines } from './scrubber.ts';
import { scrubSubunit } from './subunit.ts';

const secret = 'correct horse battery';
const scrub = createScrubLines({ without: [], rules: [] }, [secret], () => 'b'.repeat(64));

function scrubbed(bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  scrubSubunit(copy, scrub, new Map());
  return copy;
}

function resultsOf(bytes: Uint8Array) {
  const parser = createSubunitParser();
  parser.push(bytes);
  return parser.end();
}

test.each(['tempest-run1.subunit', 'zvm-patch1-a.subunit'])('%s has the same tests and outcomes', async (name) => {
  const bytes = await readFile(new URL(`../../../test/fixtures/subunit/${name}`, import.meta.url));

  const after = scrubbed(bytes);

  const outcomes = (stream: Uint8Array) =>
    resultsOf(stream).tests.map(({ id, outcome, duration }) => [id, outcome, duration]);
  expect(outcomes(after)).toEqual(outcomes(bytes));
  expect(resultsOf(after).intact).toBe(true);
  expect(after.length).toBe(bytes.length);
  expect(scrubbed(after).equals(after)).toBe(true);
});

test('a secret that several packets of one attachment share is hidden, beside foreign bytes', () => {
  const part = (bytes: string, testId = 'a') =>
    writeSubunitPacket({ testId, mimeType: 'text/plain', file: { name: 'log', bytes: Buffer.from(bytes) } });
  const stream = Buffer.concat([
    Buffer.from(`loose ${secret}\n`),
    writeSubunitPacket({ testId: 'a', status: 'inprogress' }),
    part('x correct hor'),
    part('other', 'b'),
    part('se battery y'),
    writeSubunitPacket({ testId: 'a', status: 'fail', tags: [secret] }),
  ]);

  const after = scrubbed(stream);
  const { tests } = resultsOf(after);

  expect(after.toString()).toContain(`loose ${'*'.repeat(21)}\n`);
  expect(tests[0]).toMatchObject({ id: 'a', outcome: 'failed', tags: ['*'.repeat(21)] });
  expect(tests[0]?.details).toContain(`x ${'*'.repeat(21)} y`);
});

test('whatever bytes come, they stay as many', () => {
  const packet = writeSubunitPacket({ testId: 'a', file: { name: 'f', bytes: Buffer.from(secret) } });
  const parts = fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constant(packet), fc.constant(packet.subarray(0, 9)));

  fc.assert(
    fc.property(fc.array(parts, { maxLength: 10 }), (all) => {
      const stream = Buffer.concat(all);
      expect(scrubbed(stream).length).toBe(stream.length);
      expect(scrubbed(stream).includes(secret)).toBe(false);
    }),
  );
});
