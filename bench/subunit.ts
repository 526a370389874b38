import { spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { crc32 } from 'node:zlib';
import { subunitEnvironment } from '../lab/subunit/ask-python.ts';
import { writeSubunitPacket } from '../src/domain/subunit/writer.ts';
import { readTestResults } from '../src/shared/read-test-results.ts';
import { readSample } from '../test/subunit/samples.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { median } from './measure.ts';

interface Timed {
  readonly tests: number;
  readonly seconds: number;
}

type Reader = (path: string) => Promise<Timed>;

const rounds = 15;
const warmUp = 30;
const aim = 20;

/** A file read into tests, by sidegate and by python-subunit with testtools in turn, each in one process that is warm. */
export const subunit: Benchmark = {
  name: 'subunit',
  run: async () => {
    const folder = await mkdtemp(join(tmpdir(), 'bench-subunit-'));
    const python = await startPython();
    try {
      const figures: Figure[] = [];
      for (const [what, bytes] of streams()) {
        const path = join(folder, 'stream');
        await writeFile(path, bytes);
        figures.push(...(await compare(`${what}, ${(bytes.length / 1e6).toFixed(1)} MB`, path, python.read)));
      }
      return figures;
    } finally {
      python.stop();
      await rm(folder, { recursive: true });
    }
  },
};

function streams(): readonly (readonly [string, Uint8Array])[] {
  const tempest = readSample('tempest-run1.subunit');
  return [
    ['a real tempest run', tempest],
    ['a real run on z/VM', readSample('zvm-run1-a.subunit.gz')],
    ['that tempest run thirty times', Buffer.concat(Array.from({ length: 30 }, () => tempest))],
    ['20,000 short tests without logs', shortTests(20_000)],
  ];
}

function shortTests(count: number): Uint8Array {
  const tests = Array.from({ length: count }, (_, number) => {
    const test = { testId: `nova.tests.unit.compute.test_api.ComputeAPITest.test_${number}`, tags: ['worker-0'] };
    const timestamp = { seconds: 1_790_000_000 + number, nanoseconds: 123_456_000 };
    return [
      writeSubunitPacket({ ...test, status: 'inprogress', timestamp }),
      writeSubunitPacket({ ...test, status: 'success', timestamp }),
    ];
  });
  return Buffer.concat(tests.flat());
}

async function compare(what: string, path: string, python: Reader): Promise<readonly Figure[]> {
  const times = { ours: [] as number[], theirs: [] as number[], least: [] as number[] };
  for (let round = 0; round < rounds + warmUp; round += 1) {
    const ours = await readOurselves(path);
    const theirs = await python(path);
    const least = await readOnly(path);
    if (ours.tests !== theirs.tests) throw new Error(`${what}: ${ours.tests} tests, python-subunit ${theirs.tests}`);
    if (round < warmUp) continue;
    times.ours.push(ours.seconds);
    times.theirs.push(theirs.seconds);
    times.least.push(least);
  }
  const faster = median(times.theirs.map((theirs, index) => theirs / times.ours[index]!));
  return [
    { what: `${what}: sidegate, median of ${rounds}`, value: median(times.ours) * 1000, unit: 'ms' },
    { what: '… python-subunit', value: median(times.theirs) * 1000, unit: 'ms' },
    { what: '… to read the file and sum it up, without a parser', value: median(times.least) * 1000, unit: 'ms' },
    { what: '… how many times faster, median of pairs', value: faster, unit: '×', aim },
  ];
}

const readOurselves: Reader = async (path) => {
  const start = performance.now();
  const { results } = await readTestResults(pieces(path), { gzip: false });
  return { tests: results.tests.length, seconds: (performance.now() - start) / 1000 };
};

/** Seconds that no parser in this process can do without: each byte is read and is part of a check sum. */
async function readOnly(path: string): Promise<number> {
  const start = performance.now();
  for await (const piece of pieces(path)) crc32(piece);
  return (performance.now() - start) / 1000;
}

function pieces(path: string) {
  return createReadStream(path, { highWaterMark: 256 * 1024 });
}

async function startPython(): Promise<{ readonly read: Reader; stop(): void }> {
  const program = join(import.meta.dirname, '..', 'lab', 'subunit', 'time.py');
  const child = spawn(join(await subunitEnvironment(), 'bin', 'python'), [program], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    read: async (path) => {
      child.stdin.write(`${path}\n`);
      const { value = '' } = (await lines.next()) as { value?: string };
      const [tests = Number.NaN, seconds = Number.NaN] = value.split(' ').map(Number);
      return { tests, seconds };
    },
    stop: () => child.stdin.end(),
  };
}
