import { isDeepStrictEqual } from 'node:util';
import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { createSubunitParser } from '../../src/domain/subunit/parser.ts';
import { asOurs, comparable } from '../../test/subunit/comparable.ts';
import type { Comparable } from '../../test/subunit/comparable.ts';
import { fuzzedStream, fuzzedStreams } from '../../test/subunit/fuzz-streams.ts';
import { readSample, sampleFrames, sampleNames } from '../../test/subunit/samples.ts';
import { askPython } from './ask-python.ts';

function parse(stream: Uint8Array): Comparable {
  const parser = createSubunitParser({ salvage: false, crc32 });
  parser.push(stream);
  return comparable(parser.end());
}

test.each(sampleNames)('python-subunit reads the same tests in %s', async (name) => {
  const sample = readSample(name);

  for await (const python of askPython([sample])) expect(parse(sample)).toEqual(asOurs(python));
});

/** Others in each run, so that more are seen than those that were recorded; the first number is in the failure. */
test(`python-subunit reads the same tests in ${fuzzedStreams} fuzzed streams`, async () => {
  const frames = sampleFrames();
  const first = Math.floor(Math.random() * 1e6) * fuzzedStreams;
  const streams = Array.from({ length: fuzzedStreams }, (_, number) => fuzzedStream(first + number, frames));
  let number = 0;
  let tests = 0;

  for await (const python of askPython(streams)) {
    const ours = parse(streams[number]!);
    const theirs = asOurs(python);
    if (!isDeepStrictEqual(ours, theirs)) expect(ours, `stream ${first + number}`).toEqual(theirs);
    tests += theirs.tests.length;
    number += 1;
  }

  expect(number).toBe(fuzzedStreams);
  expect(tests).toBeGreaterThan(fuzzedStreams);
});
