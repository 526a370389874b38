import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createDirectoryArchive } from '../src/adapters/logs/directory-archive.ts';
import { createScrubDigest } from '../src/adapters/logs/scrub-digest.ts';
import { createScrubbedArchive } from '../src/adapters/logs/scrubbed-archive.ts';
import { parseNetwork } from '../src/domain/scrub/networks.ts';
import { createScrubLines } from '../src/domain/scrub/scrubber.ts';
import { serve } from '../test/web/serve.ts';
import { createPlainStatus, plainOverview } from '../test/web/status-fixture.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { median } from './measure.ts';
import { searching } from './search-logs.ts';

const gigabyte = 1_000_000_000;
const part = 64 * 1024;
const secrets = Array.from({ length: 20 }, (_, index) => `a-secret-of-the-lab-${index}`);

/** Logs are scrubbed as they come, kept, and read. */
export const logs: Benchmark = {
  name: 'logs',
  run: async () => {
    const directory = await mkdtemp(join(tmpdir(), 'bench-logs-'));
    try {
      const text = await sampleText();
      return [
        ...(await scrubbing(directory, text)),
        ...(await reading(text)),
        ...(await searching(join(directory, 'searched'), text)),
      ];
    } finally {
      await rm(directory, { recursive: true });
    }
  },
};

/** A real tempest run: half of its lines are requests with headers and bodies. */
async function sampleText(): Promise<Buffer> {
  const file = new URL('../test/fixtures/subunit/tempest-run1.subunit', import.meta.url);
  const lines = (await readFile(file, 'latin1')).split('\n').filter((line) => /^\d{4}-\d\d-\d\d /.test(line));
  return Buffer.from(`${lines.join('\n')}\n`.repeat(Math.ceil(10_000_000 / lines.join('\n').length)), 'latin1');
}

async function scrubbing(directory: string, text: Buffer): Promise<readonly Figure[]> {
  const networks = [parseNetwork('10.20.0.0/16')!, parseNetwork('2001:db8::/32')!];
  const lab = { name: 'lab', strings: ['lpar7.lab.example.org'], patterns: ['rack\\d+'], networks, replace: true };
  const scrub = createScrubLines({ without: [], rules: [lab] }, secrets, createScrubDigest('bench'));
  const { archive } = createScrubbedArchive(createDirectoryArchive(directory), scrub);
  const memory = process.memoryUsage().rss;
  let most = 0;
  let offset = 0;
  const begun = performance.now();
  while (offset < gigabyte / 5) {
    const at = offset % text.length;
    const bytes = text.subarray(at, at + part);
    await archive.writeAt('console', offset, bytes);
    offset += bytes.length;
    most = Math.max(most, process.memoryUsage().rss);
  }
  await archive.finish('console', 'write');
  const console = performance.now() - begun;
  const packed = gzipSync(text);
  const packedBegun = performance.now();
  await archive.write('log.gz', packed);
  const gzip = performance.now() - packedBegun;
  return [
    { what: 'a console of 200 MB scrubbed and written as it comes', value: offset / console / 1000, unit: 'MB/s' },
    { what: 'memory that this took at most', value: (most - memory) / 1e6, unit: 'MB' },
    { what: 'a packed log unpacked, scrubbed and packed again', value: text.length / gzip / 1000, unit: 'MB/s' },
  ];
}

async function reading(text: Buffer): Promise<readonly Figure[]> {
  const served = await serve(createPlainStatus(plainOverview()));
  try {
    let offset = 0;
    for (; offset < gigabyte; offset += text.length) await served.archive.writeAt('big.txt', offset, text);
    const first = median(await times(5, () => get(`${served.url}/view/big.txt`)));
    const [end = 0] = await times(1, () => get(`${served.url}/view/big.txt?end=1`));
    const deep = median(await times(5, () => get(`${served.url}/view/big.txt?line=${1 + 1000 * 777}`)));
    const [whole = 1] = await times(1, () => get(`${served.url}/logs/big.txt`));
    return [
      { what: 'a log of 1 GB, its first page', value: first, unit: 'ms' },
      { what: 'its last line, for the first time', value: end, unit: 'ms' },
      { what: 'a page in the middle afterwards', value: deep, unit: 'ms' },
      { what: 'the whole file, as it is', value: offset / whole / 1000, unit: 'MB/s' },
    ];
  } finally {
    await served.stop();
  }
}

async function times(count: number, work: () => Promise<void>): Promise<number[]> {
  const all: number[] = [];
  for (let run = 0; run < count; run += 1) {
    const begun = performance.now();
    await work();
    all.push(performance.now() - begun);
  }
  return all;
}

async function get(url: string): Promise<void> {
  const answer = await fetch(url, { redirect: 'manual' });
  for await (const _ of answer.body ?? []) continue;
}
