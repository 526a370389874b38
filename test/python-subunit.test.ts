import { crc32 } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { crc32 as ownCrc32 } from '../src/domain/subunit/crc32.ts';
import { goOnBehind, searchInside } from '../src/domain/subunit/resynchronise.ts';
import type { Resynchronisation } from '../src/domain/subunit/resynchronise.ts';
import { createSubunitParser } from '../src/domain/subunit/parser.ts';
import { createPacketScanner } from '../src/domain/subunit/scan.ts';
import type { TestResults } from '../src/domain/test-result.ts';
import { asOurs, comparable } from './subunit/comparable.ts';
import { digestLength, digestOf, digestOfStreams, readExpectations } from './subunit/expectations.ts';
import { fuzzedStream, fuzzedStreams, isForged } from './subunit/fuzz-streams.ts';
import { measureMemory } from './subunit/measure-memory.ts';
import { readSample, sampleFrames, sampleNames } from './subunit/samples.ts';

const expectations = readExpectations();
const frames = sampleFrames();
const streams = Array.from({ length: fuzzedStreams }, (_, number) => fuzzedStream(number, frames));
const searchAgain = 'record the expectations again: node lab/subunit/main.ts';

function parse(stream: Uint8Array, salvage: boolean): TestResults {
  const parser = createSubunitParser({ salvage, crc32 });
  parser.push(stream);
  return parser.end();
}

function packetsOf(stream: Uint8Array, resynchronisation: Resynchronisation): readonly string[] {
  const packets: string[] = [];
  const scanner = createPacketScanner(resynchronisation, crc32, ({ file, ...packet }) =>
    packets.push(JSON.stringify([packet, file?.name, file && Buffer.from(file.bytes).toString('hex')])),
  );
  scanner.push(stream);
  scanner.end();
  return packets;
}

describe('what python-subunit reads', () => {
  it.each(sampleNames)('is what we read, test by test: %s', (name) => {
    const sample = readSample(name);

    expect(expectations.samples[name]?.tests.length).toBeGreaterThan(0);
    expect(comparable(parse(sample, true))).toEqual(asOurs(expectations.samples[name]!));
    expect(comparable(parse(sample, false))).toEqual(asOurs(expectations.samples[name]!));
  });

  it(`is what we read of ${fuzzedStreams} damaged streams when nothing is salvaged`, () => {
    expect(digestOfStreams(streams), searchAgain).toBe(expectations.fuzzedStreams);

    const wrong = streams.flatMap((stream, number) => {
      const expected = expectations.fuzzedResults.slice(number * digestLength, (number + 1) * digestLength);
      return digestOf(comparable(parse(stream, false))) === expected ? [] : [number];
    });

    // For the difference: npm run test:lab -- --only subunit
    expect(wrong).toEqual([]);
  });

  it('is a part of what is salvaged: every packet, in the same order, and many more', () => {
    const valid = streams.filter((_, number) => !isForged(number));
    const found = { python: 0, salvaged: 0 };

    const lost = valid.filter((stream) => {
      const python = packetsOf(stream, goOnBehind());
      const salvaged = packetsOf(stream, searchInside());
      found.python += python.length;
      found.salvaged += salvaged.length;
      return !isSubsequence(python, salvaged);
    });

    expect(lost).toEqual([]);
    expect(found.salvaged).toBeGreaterThan(found.python * 1.3);
  });
});

it('sums as zlib does, any part of any bytes', () => {
  for (const [number, stream] of streams.slice(0, 500).entries()) {
    const from = number % 20;
    expect(ownCrc32(stream, from)).toBe(crc32(stream.subarray(from)));
  }
});

describe('damaged streams', () => {
  it('give the same results in pieces of any size', () => {
    for (const [number, stream] of streams.slice(0, 1000).entries()) {
      for (const salvage of [true, false]) {
        const parser = createSubunitParser({ salvage, crc32 });
        for (let at = 0; at < stream.length; at += 1 + (number % 50))
          parser.push(stream.subarray(at, at + 1 + (number % 50)));

        expect(parser.end(), `stream ${number}`).toEqual(parse(stream, salvage));
      }
    }
  });

  it.each(['ids', 'tags', 'attachments', 'one-byte-attachments', 'heads', 'text'] as const)(
    'use bounded memory: endless %s',
    async (what) => {
      const { megabytes, results } = await measureMemory(what);

      expect(results.intact).toBe(false);
      expect(megabytes).toBeLessThan(100);
    },
  );
});

function isSubsequence(part: readonly string[], whole: readonly string[]): boolean {
  let at = 0;
  for (const one of whole) if (one === part[at]) at += 1;
  return at === part.length;
}
