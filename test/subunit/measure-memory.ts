import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import type { SubunitPacket } from '../../src/domain/subunit/packet.ts';
import { createSubunitParser } from '../../src/domain/subunit/parser.ts';
import { writeSubunitPacket } from '../../src/domain/subunit/writer.ts';

const endless = {
  ids: (n) => [{ testId: `test ${n} ${'i'.repeat(900)}`, status: 'inprogress' }],
  tags: (n) => [
    { testId: `test ${n}`, tags: Array.from({ length: 30 }, (_, tag) => `${n} ${tag} ${'t'.repeat(200)}`) },
  ],
  attachments: (n) => [
    { testId: `test ${n}`, ...file(`log ${n}`, 60_000) },
    { testId: `test ${n}`, ...file(`traceback ${n}`, 60_000), status: n % 2 ? 'fail' : 'inprogress' },
  ],
  'one-byte-attachments': (n) => [{ testId: `test ${n % 40_000}`, ...file(`log ${n % 9}`, 1) }],
  heads: () => Buffer.alloc(6000, 'b32000bfffff', 'hex'),
  text: () => Buffer.from('a line of no packet, with ³ m³ in it\n'.repeat(200)),
} satisfies Record<string, (n: number) => readonly Partial<SubunitPacket>[] | Uint8Array>;

export type Endless = keyof typeof endless;

const pieceBytes = 1024 * 1024;
/** Pieces of each stream. */
const pieces = 128;
/** Fewer where a packet has hardly any bytes, which takes long to write. */
const piecesOfSmallPackets = 16;

interface Measured {
  /** What the parser holds, at most: objects and buffers after garbage collection. */
  readonly megabytes: number;
  readonly results: { readonly intact: boolean; readonly tests: number };
}

/** Reads a hostile stream of 128 MiB in a process of its own. */
export async function measureMemory(what: Endless): Promise<Measured> {
  const program = ['--expose-gc', join(import.meta.dirname, 'measure-memory.ts'), what];
  const { stdout } = await promisify(execFile)(process.execPath, program);
  return JSON.parse(stdout) as Measured;
}

function file(name: string, length: number): Pick<SubunitPacket, 'file' | 'mimeType'> {
  return { mimeType: 'text/plain', file: { name, bytes: new Uint8Array(length).fill(0x61) } };
}

/** A piece that begins with packet `from`, and the number of the next one. */
function pieceOf(what: Endless, from: number): { readonly piece: Uint8Array; readonly next: number } {
  const parts: Uint8Array[] = [];
  let next = from;
  for (let bytes = 0; bytes < pieceBytes; next += 1) {
    const made = endless[what](next) as readonly Partial<SubunitPacket>[] | Uint8Array;
    const part = made instanceof Uint8Array ? made : Buffer.concat(made.map(writeSubunitPacket));
    parts.push(part);
    bytes += part.length;
  }
  return { piece: Buffer.concat(parts), next };
}

function held(): number {
  globalThis.gc?.();
  const { external, heapUsed } = process.memoryUsage();
  return heapUsed + external;
}

function read(what: Endless): Measured {
  const parser = createSubunitParser({ crc32 });
  const before = held();
  let most = before;
  let number = 0;
  const count = what === 'one-byte-attachments' ? piecesOfSmallPackets : pieces;
  for (let n = 1; n <= count; n += 1) {
    const { next, piece } = pieceOf(what, number);
    parser.push(piece);
    number = next;
    if (n % 8 === 0) most = Math.max(most, held());
  }
  const { intact, tests } = parser.end();
  most = Math.max(most, held());
  return { megabytes: Math.round((most - before) / 1e6), results: { intact, tests: tests.length } };
}

if (process.argv[1] === import.meta.filename) process.stdout.write(JSON.stringify(read(process.argv[2] as Endless)));
