import { readFile } from 'node:fs/promises';
import { Findings } from '../src/config/findings.ts';
import { readParts } from '../src/config/sections.ts';
import { readSignatures } from '../src/config/signatures.ts';
import { parseYamlFile } from '../src/config/yaml-file.ts';
import { SignatureMatcher } from '../src/domain/signatures/match-log.ts';
import type { Signature } from '../src/domain/signatures/signature.ts';
import type { Benchmark, Figure } from './benchmark.ts';

const megabyte = 1024 * 1024;
const partSize = 256 * 1024;

/** How fast logs are looked through for the shipped signatures, beside JavaScript's own expressions line by line. */
export const signatures: Benchmark = {
  name: 'signatures',
  run: async () => {
    const parts = readParts(parseYamlFile('none.yaml', '{}').yaml, new Findings());
    const shipped = await readSignatures(parts, { folder: '/', env: {}, findings: new Findings() });
    const run = await readFile(new URL('../test/fixtures/subunit/tempest-run1.subunit', import.meta.url));
    const logs: readonly (readonly [string, Buffer])[] = [
      ['output of a real tempest run', repeated(run, 64 * megabyte)],
      [
        'a log that is nothing but hits',
        repeated(Buffer.from('E: Failed to fetch x: No space left on device\n'), 8 * megabyte),
      ],
      ['a log of one line', Buffer.alloc(8 * megabyte, "fatal: unable to access 'https://")],
    ];
    return logs.flatMap(([name, log]) => measure(name, log, shipped));
  },
};

function measure(name: string, log: Buffer, shipped: readonly Signature[]): readonly Figure[] {
  const before = process.memoryUsage().rss;
  const rate = rateOf(log, () => {
    const matcher = new SignatureMatcher(shipped).open('job-output.txt')!;
    for (let at = 0; at < log.length; at += partSize) matcher.push(log.subarray(at, at + partSize));
    matcher.end();
  });
  const memory = Math.max(0, process.memoryUsage().rss - before) / megabyte;
  const figures: Figure[] = [
    { what: `MiB of ${name}`, value: rate, unit: '/s', aim: 20 },
    { what: 'more memory afterwards', value: memory, unit: 'MB' },
  ];
  // Unanchored expressions take quadratic time on one long line: hours.
  if (!log.includes(10)) return figures;
  const expressions = shipped
    .filter(({ logs }) => logs.includes('job-output.txt'))
    .flatMap(({ all, any }) => [...all, ...any])
    .map(({ text }) => (text.startsWith('(?i)') ? new RegExp(text.slice(4), 'i') : new RegExp(text)));
  const theirs = rateOf(log, () => {
    for (const line of log.toString('latin1').split('\n')) for (const one of expressions) one.test(line);
  });
  return [...figures, { what: 'the same by expressions of JavaScript, line by line', value: theirs, unit: '/s' }];
}

/** MiB a second. */
function rateOf(log: Buffer, work: () => void): number {
  const started = performance.now();
  work();
  return (log.length / megabyte / (performance.now() - started)) * 1000;
}

function repeated(piece: Buffer, size: number): Buffer {
  return Buffer.alloc(size, piece);
}
