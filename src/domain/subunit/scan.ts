import { crc32 as ownCrc32 } from './crc32.ts';
import type { Crc32 } from './crc32.ts';
import { PacketDecoder, word32 } from './decode.ts';
import type { SubunitPacket } from './packet.ts';
import { createPieceReader } from './read-pieces.ts';
import type { PieceReader } from './read-pieces.ts';
import type { Resynchronisation } from './resynchronise.ts';
import { createSkipCount } from './skip-count.ts';
import type { Skipped } from './skip-count.ts';

/** Bytes from which on `crc32` is worth its call. */
const longPacket = 256;

export interface PacketScanner extends PieceReader {
  readonly skipped: Skipped;
}

/** Finds the packets in a byte stream that may hold anything else between them. */
export function createPacketScanner(
  resynchronisation: Resynchronisation,
  crc32: Crc32,
  onPacket: (packet: SubunitPacket) => void,
): PacketScanner {
  const skipped = createSkipCount();
  const decoder = new PacketDecoder();

  /** How many bytes from `at` are done with; 0 when more are needed to tell. */
  function step(bytes: Uint8Array, at: number, final: boolean): number {
    const next = resynchronisation.nextSignature(bytes, at);
    if (next > at) return skip(next - at, bytes.length - at);
    const head = resynchronisation.readHead(bytes, at);
    const left = bytes.length - at;
    if (head.kind === 'none') return skip(head.skip, left);
    if (head.kind === 'packet' && head.length <= left) return takeFrame(bytes, at, head.length);
    return final ? skip(resynchronisation.skipBroken(left, 0), left) : 0;
  }

  function takeFrame(bytes: Uint8Array, at: number, length: number): number {
    const sumAt = at + length - 4;
    const sum = length < longPacket ? ownCrc32(bytes, at, sumAt) : crc32(bytes.subarray(at, sumAt));
    if (sum !== word32(bytes, sumAt)) return skip(resynchronisation.skipBroken(length, length), length);
    const packet = decoder.decode(bytes, at, at + length);
    if (packet === undefined) return skip(length, length);
    skipped.pause();
    onPacket(packet);
    return length;
  }

  function skip(wanted: number, left: number): number {
    const count = Math.min(wanted, left);
    skipped.skip(count);
    return count;
  }

  /** How many bytes are done with. */
  function drain(bytes: Uint8Array, final: boolean): number {
    let at = 0;
    while (at < bytes.length) {
      const done = step(bytes, at, final);
      if (done === 0) break;
      at += done;
    }
    return at;
  }

  return { ...createPieceReader(drain), skipped: skipped.count };
}
