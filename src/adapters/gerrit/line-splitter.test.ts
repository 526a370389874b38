import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLineSplitter } from './line-splitter.ts';

function split(chunks: readonly Buffer[], limit = 100): { lines: string[]; oversized: number } {
  const lines: string[] = [];
  let oversized = 0;
  const splitter = createLineSplitter({ limit, onLine: (line) => lines.push(line), onOversize: () => oversized++ });
  for (const chunk of chunks) splitter.push(chunk);
  return { lines, oversized };
}

it('gives the same lines however the network cuts them, also within a character', () => {
  const lines = ['{"subject":"ünï 🐘"}', 'second', 'third ✓'];
  const bytes = Buffer.from(`${lines.join('\n')}\n`);

  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 20 }), (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((place, index) => bytes.subarray(places[index], place));

      expect(split(chunks).lines).toEqual(lines);
    }),
  );
});

it('drops a gigantic line, says so once, and goes on with the next', () => {
  const chunks = [
    Buffer.from('one\n'),
    ...Array.from({ length: 50 }, () => Buffer.alloc(10, 'x')),
    Buffer.from('x\ntwo\n'),
  ];

  expect(split(chunks)).toEqual({ lines: ['one', 'two'], oversized: 1 });
});

it('keeps a line of exactly the limit', () => {
  expect(split([Buffer.alloc(100, 'x'), Buffer.from('\n')])).toEqual({ lines: ['x'.repeat(100)], oversized: 0 });
});

it('gives no empty line and no unfinished one', () => {
  expect(split([Buffer.from('\n\r\n  \none\r\nunfinished')]).lines).toEqual(['one']);
});
