import { setImmediate } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { Hidden } from '../../domain/scrub/rule.ts';
import type { ScrubLines } from '../../domain/scrub/scrubber.ts';
import { createScrubStream } from '../../domain/scrub/stream.ts';
import { looksLikeSubunit, scrubSubunit } from '../../domain/scrub/subunit.ts';

/** Bytes unpacked of one file: more is a bomb, or nothing that a person would read. */
const maxUnpacked = 1024 * 1024 * 1024;
/** What must be seen whole: subunit, and what is packed twice. */
const maxWhole = 64 * 1024 * 1024;
const maxDepth = 3;
/** Other work goes on between two slices. */
const slice = 128 * 1024;

const packedNote =
  'sidegate left this file out: it is packed in a way that cannot be looked through for secrets. Publish it as it is, or as gzip.\n';
const cutNote = '\n[sidegate left out what follows: the file was cut, broken, or too large when unpacked]\n';

const images = ['\x89PNG', '\xff\xd8\xff', 'GIF8'];
const containers = [
  '\xfd7zXZ',
  'BZh',
  '\x28\xb5\x2f\xfd',
  'PK\x03\x04',
  '7z\xbc\xaf',
  'Rar!',
  '\x04\x22\x4d\x18',
  '%PDF',
  'QFI\xfb',
];

/** A file as it may be published. Text keeps its length; gzip is unpacked, scrubbed and packed again. */
export async function scrubFile(content: Buffer, scrub: ScrubLines, hidden: Hidden): Promise<Buffer> {
  return await scrubPart(content, { scrub, hidden, maxUnpacked }, 0);
}

export interface FileScrub {
  readonly scrub: ScrubLines;
  readonly hidden: Hidden;
  readonly maxUnpacked: number;
}

export async function scrubPart(content: Buffer, how: FileScrub, depth: number): Promise<Buffer> {
  const head = content.toString('latin1', 0, 8);
  if (images.some((magic) => head.startsWith(magic))) return content;
  if (isOpaque(head, depth)) {
    how.hidden.set('packed', (how.hidden.get('packed') ?? 0) + 1);
    return Buffer.from(packedNote);
  }
  if (head.startsWith('\x1f\x8b')) return await scrubGzip(content, how, depth);
  if (looksLikeSubunit(content)) {
    const copy = Buffer.from(content);
    scrubSubunit(copy, how.scrub, how.hidden);
    return copy;
  }
  return await collect(scrubText([content], how));
}

function isOpaque(head: string, depth: number): boolean {
  return containers.some((magic) => head.startsWith(magic)) || (depth >= maxDepth && head.startsWith('\x1f\x8b'));
}

async function scrubGzip(content: Buffer, how: FileScrub, depth: number): Promise<Buffer> {
  const unpacked = unpack(content, how.maxUnpacked);
  const first = (await unpacked.next()).value ?? Buffer.alloc(0);
  const inside = rest(first, unpacked);
  const isText = !needsWhole(first);
  const scrubbed = isText ? scrubText(inside, how) : scrubWhole(inside, how, depth + 1);
  return await collect(Readable.from(scrubbed).pipe(createGzip()));
}

function needsWhole(first: Buffer): boolean {
  const head = first.toString('latin1', 0, 8);
  return [...images, ...containers, '\x1f\x8b'].some((magic) => head.startsWith(magic)) || looksLikeSubunit(first);
}

async function* scrubWhole(parts: AsyncIterable<Buffer>, how: FileScrub, depth: number): AsyncGenerator<Buffer> {
  const whole: Buffer[] = [];
  let size = 0;
  for await (const part of parts) {
    if (size + part.length > maxWhole) break;
    whole.push(part);
    size += part.length;
  }
  yield await scrubPart(Buffer.concat(whole), how, depth);
}

/** Ends at the limit, and where the bytes are no gzip any more: what came before is worth something. */
async function* unpack(content: Buffer, limit: number): AsyncGenerator<Buffer, undefined> {
  const gunzip = createGunzip();
  let size = 0;
  try {
    for await (const part of Readable.from(slices(content)).pipe(gunzip) as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > limit) break;
      yield part;
    }
  } catch {
    size = Infinity;
  } finally {
    gunzip.destroy();
  }
  if (size > limit) yield Buffer.from(cutNote);
}

async function* rest(first: Buffer, others: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  yield* others;
}

async function* scrubText(
  parts: Iterable<Buffer> | AsyncIterable<Buffer>,
  { hidden, scrub }: FileScrub,
): AsyncGenerator<Buffer> {
  const stream = createScrubStream(scrub);
  for await (const part of parts) {
    for (const piece of slices(part)) {
      const scrubbed = stream.push(piece.toString('latin1'));
      if (scrubbed !== '') yield Buffer.from(scrubbed, 'latin1');
      await setImmediate();
    }
  }
  yield Buffer.from(stream.end(), 'latin1');
  for (const [rule, count] of stream.hidden) hidden.set(rule, (hidden.get(rule) ?? 0) + count);
}

function* slices(content: Buffer): Generator<Buffer> {
  for (let at = 0; at < content.length; at += slice) yield content.subarray(at, at + slice);
}

async function collect(parts: AsyncIterable<Buffer>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}
