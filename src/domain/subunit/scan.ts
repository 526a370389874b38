import { createByteQueue } from './byte-queue.ts';
import { crc32 } from './crc32.ts';
import { decodePacket, readHead } from './decode.ts';
import { signature } from './packet.ts';
import type { SubunitPacket } from './packet.ts';

/** Bytes are taken in slices so that one huge chunk is not held twice. */
const sliceBytes = 1024 * 1024;

/**
 * After a wrong CRC the search goes on one byte further, because the signature may have been a byte of foreign text. Hostile input
 * could make every byte look like a packet of 4 MiB, so the CRC work lost that way is limited; then whole packets are skipped.
 */
const searchBudget = 64 * 1024 * 1024;

export interface PacketScanner {
  push(bytes: Uint8Array): void;
  end(): void;
  /** False once bytes came that are no packet, or the last packet was cut. */
  readonly intact: boolean;
}

/** Finds the packets in a byte stream that may hold anything else between them. */
export function createPacketScanner(maxPacket: number, onPacket: (packet: SubunitPacket) => void): PacketScanner {
  const queue = createByteQueue();
  let intact = true;
  let budget = searchBudget;

  function skipForeign(count: number): void {
    intact = false;
    queue.skip(count);
  }

  /** Takes one packet or skips what is none; false when more bytes are needed. */
  function step(final: boolean): boolean {
    const bytes = queue.view();
    if (bytes[0] !== signature) {
      const next = bytes.indexOf(signature);
      skipForeign(next < 0 ? bytes.length : next);
      return true;
    }
    const head = readHead(bytes, maxPacket);
    const complete = head.kind === 'packet' && bytes.length >= head.length;
    if (!complete && head.kind !== 'none' && !final) return false;
    if (!complete) skipForeign(1);
    else takeFrame(bytes.subarray(0, head.length));
    return true;
  }

  function takeFrame(frame: Uint8Array): void {
    if (crc32(frame.subarray(0, -4)) !== storedCrc(frame)) {
      budget -= frame.length;
      return skipForeign(budget >= 0 ? 1 : frame.length);
    }
    const packet = decodePacket(frame);
    if (packet === undefined) return skipForeign(frame.length);
    onPacket(packet);
    queue.skip(frame.length);
  }

  function drain(final: boolean): void {
    while (queue.length > 0 && step(final));
  }

  return {
    get intact() {
      return intact;
    },
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
  const [a, b, c, d] = frame.subarray(-4);
  return ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0;
}
