import { flags, reserved, statuses, version } from './packet.ts';
import type { SubunitPacket, Timestamp } from './packet.ts';
import { TextReader } from './text-reader.ts';

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

/** Decodes whole packets whose check sum was found right. */
export class PacketDecoder {
  readonly #texts = new TextReader();
  #tag: readonly string[] = [];
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Where the body ends. */
  #end = 0;

  /** The packet from `at` to before `to`; undefined when its fields do not fit into it or are no text. */
  decode(bytes: Uint8Array, at: number, to: number): SubunitPacket | undefined {
    const word = (bytes[at + 1]! << 8) | bytes[at + 2]!;
    this.#bytes = bytes;
    this.#at = at + 3 + vliSize(bytes[at + 3]!);
    this.#end = to - 4;
    if (this.#at > this.#end) return undefined;
    try {
      return {
        status: statuses[(word & 0x7) - 1],
        timestamp: word & flags.timestamp ? this.#timestamp() : undefined,
        testId: word & flags.testId ? this.#text() : undefined,
        tags: word & flags.tags ? this.#tags() : undefined,
        mimeType: word & flags.mimeType ? this.#text() : undefined,
        file: word & flags.file ? this.#file() : undefined,
        routeCode: word & flags.routeCode ? this.#text() : undefined,
      };
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }

  /** Moves on by that many bytes and answers where they begin; throws RangeError when they are not all there. */
  #take(count: number): number {
    const at = this.#at;
    this.#at += count;
    if (this.#at > this.#end) throw new RangeError('field leaves the packet');
    return at;
  }

  #number(): number {
    const at = this.#take(1);
    const size = vliSize(this.#bytes[at]!);
    if (size > 1) this.#take(size - 1);
    return vliValue(this.#bytes, at, size);
  }

  #timestamp(): Timestamp {
    const at = this.#take(4);
    return { seconds: word32(this.#bytes, at), nanoseconds: this.#number() };
  }

  #text(): string {
    const length = this.#number();
    const at = this.#take(length);
    const text = this.#texts.read(this.#bytes, at, at + length);
    if (text === undefined) throw new RangeError('no text');
    return text;
  }

  #tags(): readonly string[] {
    const count = this.#number();
    if (count > this.#end - this.#at) throw new RangeError('more tags than bytes');
    if (count === 1) return this.#oneTag(this.#text());
    const tags: string[] = [];
    for (let n = 0; n < count; n += 1) tags.push(this.#text());
    return tags;
  }

  /** Of a worker, in most packets the same: one list for all of them. */
  #oneTag(tag: string): readonly string[] {
    if (this.#tag[0] !== tag) this.#tag = [tag];
    return this.#tag;
  }

  #file(): { readonly name: string; readonly bytes: Uint8Array } {
    const name = this.#text();
    const length = this.#number();
    const at = this.#take(length);
    return { name, bytes: this.#bytes.subarray(at, at + length) };
  }
}

export function word32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/** The two highest bits of a variable-length integer say how many bytes follow the first. */
export function vliSize(first: number): number {
  return (first >> 6) + 1;
}

export function vliValue(bytes: Uint8Array, at: number, size: number): number {
  let value = bytes[at]! & 0x3f;
  for (let index = 1; index < size; index += 1) value = value * 256 + bytes[at + index]!;
  return value;
}
