import { readFileSync, writeFileSync } from 'node:fs';
import { asOurs } from '../../test/subunit/comparable.ts';
import type { PythonResults } from '../../test/subunit/comparable.ts';
import { digestOf, digestOfStreams, expectationsFile } from '../../test/subunit/expectations.ts';
import type { Expectations } from '../../test/subunit/expectations.ts';
import { fuzzedStream, fuzzedStreams } from '../../test/subunit/fuzz-streams.ts';
import { readSample, sampleFrames, sampleNames } from '../../test/subunit/samples.ts';
import { askPython } from './ask-python.ts';

// `node lab/subunit/main.ts` writes down what python-subunit reads, for the tests on machines without Python.
const samples = await recordSamples();
const frames = sampleFrames();
const streams = Array.from({ length: fuzzedStreams }, (_, number) => fuzzedStream(number, frames));
let fuzzedResults = '';
for await (const results of askPython(streams)) fuzzedResults += digestOf(asOurs(results));
const python = readFileSync(new URL('requirements.txt', import.meta.url), 'utf8').split('\n')[0] ?? '';
const recorded: Expectations = { python, samples, fuzzedStreams: digestOfStreams(streams), fuzzedResults };
writeFileSync(expectationsFile, `${JSON.stringify(recorded)}\n`);
console.log(`${sampleNames.length} samples and ${streams.length} fuzzed streams recorded`);

async function recordSamples(): Promise<Record<string, PythonResults>> {
  const found: Record<string, PythonResults> = {};
  const names = [...sampleNames];
  for await (const results of askPython(names.map(readSample))) found[names[Object.keys(found).length]!] = results;
  return found;
}
