import { flags, reserved, statuses, version } from './packet.ts';
import type { SubunitPacket, Timestamp } from './packet.ts';

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Smallest packet: signature, two bytes of flags, one of length, four of CRC. */
const minPacketBytes = 8;
/** What python-subunit reads before it knows the length. */
const claimBytes = 6;

/** What the bytes at `at`, the first of which is a signature, say about a packet. */
export type PacketHead =
  | { readonly kind: 'packet'; readonly length: number }
  /** More are needed to tell. */
  | { readonly kind: 'short' }
  /** `skip`: how many bytes are no packet; Infinity: all that come. */
  | { readonly kind: 'none'; readonly skip: number };

const short: PacketHead = { kind: 'short' };
const noPacket: PacketHead = { kind: 'none', skip: 1 };

/** Only what version 2 may look like is a packet: text that holds a signature by chance rarely is. */
export function readHead(bytes: Uint8Array, at: number): PacketHead {
  if (bytes.length - at < 4) return short;
  const word = (bytes[at + 1]! << 8) | bytes[at + 2]!;
  if ((word & 0xf000) !== version || (word & reserved) !== 0) return noPacket;

  const size = vliSize(bytes[at + 3]!);
  if (size > 3) return noPacket;
  if (bytes.length - at < 3 + size) return short;
  const length = vliValue(bytes, at + 3, size);
  return length < minPacketBytes ? noPacket : { kind: 'packet', length };
}

/** Believes the length whatever the flags say, as python-subunit does. */
export function readClaim(bytes: Uint8Array, at: number): PacketHead {
  if (bytes.length - at < claimBytes) return short;
  const size = vliSize(bytes[at + 3]!);
  if (size > 3) return { kind: 'none', skip: claimBytes };
  const length = vliValue(bytes, at + 3, size);
  return length < claimBytes ? { kind: 'none', skip: Infinity } : { kind: 'packet', length };
}

/** Decodes one whole packet whose CRC was found right; undefined when its fields do not fit into it. */
export function decodePacket(frame: Uint8Array): SubunitPacket | undefined {
  const word = (frame[1]! << 8) | frame[2]!;
  const start = 3 + vliSize(frame[3]!);
  if (start > frame.length - 4) return undefined;
  const cursor = new Cursor(frame.subarray(0, frame.length - 4), start);
  try {
    return {
      status: statuses[(word & 0x7) - 1],
      timestamp: word & flags.timestamp ? cursor.timestamp() : undefined,
      testId: word & flags.testId ? cursor.text() : undefined,
      tags: word & flags.tags ? cursor.texts() : undefined,
      mimeType: word & flags.mimeType ? cursor.text() : undefined,
      file: word & flags.file ? { name: cursor.text(), bytes: cursor.bytes(cursor.number()) } : undefined,
      routeCode: word & flags.routeCode ? cursor.text() : undefined,
    };
  } catch (error) {
    if (error instanceof RangeError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Where a packet has its texts and its part of an attachment: offsets from `base` before the packet. */
export interface PacketFields {
  readonly texts: readonly Place[];
  readonly file: Place | undefined;
  /** The same for all parts of one attachment. */
  readonly key: string;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** Places of the fields in one whole packet whose CRC was found right; undefined when they do not fit into it. */
export function fieldsOf(frame: Uint8Array, base: number): PacketFields | undefined {
  const packet = decodePacket(frame);
  if (packet === undefined) return undefined;
  const word = (frame[1]! << 8) | frame[2]!;
  const cursor = new Cursor(frame.subarray(0, frame.length - 4), 3 + vliSize(frame[3]!));
  const place = () => cursor.place(base);
  if (word & flags.timestamp) cursor.timestamp();
  const texts = word & flags.testId ? [place()] : [];
  if (word & flags.tags) for (let left = cursor.number(); left > 0; left -= 1) texts.push(place());
  if (word & flags.mimeType) texts.push(place());
  if (word & flags.file) texts.push(place());
  const file = word & flags.file ? place() : undefined;
  if (word & flags.routeCode) texts.push(place());
  return { texts, file, key: JSON.stringify([packet.routeCode, packet.testId, packet.file?.name]) };
}

/** Reads field after field; throws RangeError where one leaves the packet, TypeError where text is not UTF-8. */
class Cursor {
  readonly #body: Uint8Array;
  #at: number;

  constructor(body: Uint8Array, at: number) {
    this.#body = body;
    this.#at = at;
  }

  bytes(count: number): Uint8Array {
    const end = this.#at + count;
    if (end > this.#body.length) throw new RangeError('field leaves the packet');
    const bytes = this.#body.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** Of a text or of bytes, behind its length. */
  place(base: number): Place {
    const length = this.number();
    this.bytes(length);
    return { start: base + this.#at - length, end: base + this.#at };
  }

  number(): number {
    const size = vliSize(this.bytes(1)[0]!);
    this.#at -= 1;
    return vliValue(this.bytes(size), 0, size);
  }

  timestamp(): Timestamp {
    const [a, b, c, d] = this.bytes(4);
    return { seconds: ((a! << 24) | (b! << 16) | (c! << 8) | d!) >>> 0, nanoseconds: this.number() };
  }

  text(): string {
    const bytes = this.bytes(this.number());
    if (bytes.includes(0)) throw new RangeError('text holds a NUL');
    return utf8.decode(bytes);
  }

  texts(): string[] {
    const count = this.number();
    if (count > this.#body.length) throw new RangeError('more tags than bytes');
    return Array.from({ length: count }, () => this.text());
  }
}

/** The two highest bits of a variable-length integer say how many bytes follow the first. */
function vliSize(first: number): number {
  return (first >> 6) + 1;
}

function vliValue(bytes: Uint8Array, at: number, size: number): number {
  let value = bytes[at]! & 0x3f;
  for (let index = 1; index < size; index += 1) value = value * 256 + bytes[at + index]!;
  return value;
}
