import { readClaim, readHead } from './decode.ts';
import type { PacketHead } from './decode.ts';
import { signature } from './packet.ts';
import { createCharacterWatch } from './character-watch.ts';

/** Where a stream goes on after bytes that are no packet. */
export interface Resynchronisation {
  /** Index of the next byte that may begin a packet, `bytes.length` where there is none. Asked about each byte once. */
  nextSignature(bytes: Uint8Array, from: number): number;
  readHead(bytes: Uint8Array, at: number): PacketHead;
  /** How many bytes of a broken packet to skip. `length`: what it claims, or all that is left; `checked`: bytes that were summed in vain. */
  skipBroken(length: number, checked: number): number;
}

/**
 * Hostile input could make every byte look like a packet of 4 MiB, so the bytes summed in vain are limited; then whole packets are
 * skipped.
 */
const searchBudget = 64 * 1024 * 1024;

/** Goes on one byte further: finds whole packets also inside a broken one, which may have lost its end, or been no packet at all. */
export function searchInside(): Resynchronisation {
  let budget = searchBudget;
  return {
    nextSignature(bytes, from) {
      if (bytes[from] === signature) return from;
      const at = bytes.indexOf(signature, from);
      return at < 0 ? bytes.length : at;
    },
    readHead,
    skipBroken(length, checked) {
      budget -= checked;
      return budget >= 0 || checked === 0 ? 1 : length;
    },
  };
}

/**
 * Goes on behind what the broken packet claims to be, as python-subunit 1.4.6 does on a file: what it swallows is lost, up to the
 * whole rest of the stream. A signature inside a character of UTF-8 begins no packet.
 */
export function goOnBehind(): Resynchronisation {
  const characters = createCharacterWatch();
  let lost = false;

  return {
    nextSignature(bytes, from) {
      if (lost) return bytes.length;
      let at = from;
      while (at < bytes.length && (characters.inside || bytes[at] !== signature)) {
        characters.add(bytes[at]!);
        at += 1;
      }
      return at;
    },
    readHead(bytes, at) {
      const head = readClaim(bytes, at);
      // It asks its file for a negative number of bytes, which is all of them.
      if (head.kind === 'none' && head.skip === Infinity) lost = true;
      return head;
    },
    skipBroken: (length) => length,
  };
}
