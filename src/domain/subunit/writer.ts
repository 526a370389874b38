import { crc32 } from './crc32.ts';
import { flags, maxPacketBytes, signature, statuses, version } from './packet.ts';
import type { SubunitPacket } from './packet.ts';

const utf8 = new TextEncoder();

/** One packet as bytes. Throws RangeError when it would be longer than the format allows. */
export function writeSubunitPacket(packet: Partial<SubunitPacket>): Uint8Array {
  const fields = [
    ...(packet.timestamp ? [word32(packet.timestamp.seconds), vli(packet.timestamp.nanoseconds)] : []),
    ...(packet.testId === undefined ? [] : text(packet.testId)),
    ...(packet.tags ? [vli(packet.tags.length), ...packet.tags.flatMap(text)] : []),
    ...(packet.mimeType === undefined ? [] : text(packet.mimeType)),
    ...(packet.file ? [...text(packet.file.name), vli(packet.file.bytes.length), packet.file.bytes] : []),
    ...(packet.routeCode === undefined ? [] : text(packet.routeCode)),
  ];
  const word = flagsOf(packet);
  const bare = 3 + 4 + fields.reduce((sum, field) => sum + field.length, 0);
  // The length counts its own bytes too.
  const length = bare + [1, 2, 3].find((size) => vli(bare + size).length === size)!;
  if (!(length <= maxPacketBytes)) throw new RangeError(`a subunit packet holds at most ${maxPacketBytes} bytes`);

  const frame = concat([Uint8Array.of(signature, word >> 8, word & 0xff), vli(length), ...fields]);
  return concat([frame, word32(crc32(frame))]);
}

function flagsOf(packet: Partial<SubunitPacket>): number {
  const status = packet.status === undefined ? 0 : statuses.indexOf(packet.status) + 1;
  const present = [
    packet.testId === undefined ? 0 : flags.testId | flags.runnable,
    packet.timestamp === undefined ? 0 : flags.timestamp,
    packet.tags === undefined ? 0 : flags.tags,
    packet.mimeType === undefined ? 0 : flags.mimeType,
    packet.file === undefined ? 0 : flags.file,
    packet.routeCode === undefined ? 0 : flags.routeCode,
  ];
  return present.reduce((sum, flag) => sum | flag, version | status);
}

function text(value: string): Uint8Array[] {
  const bytes = utf8.encode(value);
  return [vli(bytes.length), bytes];
}

/** Variable-length integer of up to 30 bits, in the fewest bytes. */
function vli(value: number): Uint8Array {
  if (value < 0x40) return Uint8Array.of(value);
  if (value < 0x4000) return Uint8Array.of((value >> 8) | 0x40, value & 0xff);
  if (value < 0x400000) return Uint8Array.of((value >> 16) | 0x80, (value >> 8) & 0xff, value & 0xff);
  return word32((value | 0xc0000000) >>> 0);
}

function word32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
