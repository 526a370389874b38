import { createByteQueue } from './byte-queue.ts';
import type { Crc32 } from './crc32.ts';
import { decodePacket } from './decode.ts';
import type { SubunitPacket } from './packet.ts';
import type { Resynchronisation } from './resynchronise.ts';

/** Bytes are taken in slices so that one huge chunk is not held twice. */
const sliceBytes = 1024 * 1024;

export interface PacketScanner {
  push(bytes: Uint8Array): void;
  end(): void;
  readonly skipped: Skipped;
}

/** What belonged to no packet. */
export interface Skipped {
  readonly bytes: number;
  /** Runs of such bytes. */
  readonly places: number;
}

/** Finds the packets in a byte stream that may hold anything else between them. */
export function createPacketScanner(
  resynchronisation: Resynchronisation,
  crc32: Crc32,
  onPacket: (packet: SubunitPacket) => void,
): PacketScanner {
  const queue = createByteQueue();
  const skipped = { bytes: 0, places: 0 };
  let skipping = false;

  /** How many bytes from `at` are done with; 0 when more are needed to tell. */
  function step(bytes: Uint8Array, at: number, final: boolean): number {
    const next = resynchronisation.nextSignature(bytes, at);
    if (next > at) return skip(next - at);
    const head = resynchronisation.readHead(bytes, at);
    if (head.kind === 'none') return skip(head.skip);
    const left = bytes.length - at;
    if (head.kind === 'packet' && head.length <= left) return takeFrame(bytes.subarray(at, at + head.length));
    return final ? skip(resynchronisation.skipBroken(left, 0)) : 0;
  }

  function takeFrame(frame: Uint8Array): number {
    const { length } = frame;
    if (crc32(frame.subarray(0, -4)) !== storedCrc(frame)) return skip(resynchronisation.skipBroken(length, length));
    const packet = decodePacket(frame);
    if (packet === undefined) return skip(length);
    skipping = false;
    onPacket(packet);
    return length;
  }

  function skip(count: number): number {
    if (!skipping) skipped.places += 1;
    skipping = true;
    return count;
  }

  function drain(final: boolean): void {
    const bytes = queue.view();
    let at = 0;
    while (at < bytes.length) {
      const done = Math.min(step(bytes, at, final), bytes.length - at);
      if (done === 0) break;
      if (skipping) skipped.bytes += done;
      at += done;
    }
    queue.skip(at);
  }

  return {
    skipped,
    push(bytes) {
      for (let at = 0; at < bytes.length; at += sliceBytes) {
        queue.append(bytes.subarray(at, at + sliceBytes));
        drain(false);
      }
    },
    end() {
      drain(true);
    },
  };
}

function storedCrc(frame: Uint8Array): number {
  const at = frame.length - 4;
  return ((frame[at]! << 24) | (frame[at + 1]! << 16) | (frame[at + 2]! << 8) | frame[at + 3]!) >>> 0;
}
