import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { splitFrames } from './fuzz-streams.ts';

const folder = new URL('../fixtures/subunit/', import.meta.url);

/** The recorded streams (`SOURCE.md`). */
export const sampleNames = [
  'tempest-run1.subunit',
  'zvm-run1-a.subunit.gz',
  'zvm-patch1-a.subunit',
  'stestr-own-tests.subunit',
] as const;

export function readSample(name: (typeof sampleNames)[number]): Uint8Array {
  const bytes = readFileSync(new URL(name, folder));
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes;
}

/** What fuzzed streams are partly made of. */
export function sampleFrames(): readonly Uint8Array[] {
  return splitFrames(readSample('tempest-run1.subunit'));
}
