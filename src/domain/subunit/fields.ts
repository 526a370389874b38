import { PacketDecoder, vliSize, vliValue } from './decode.ts';
import { flags } from './packet.ts';

/** Where a packet has its texts and its part of an attachment. */
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

const decoder = new PacketDecoder();

/** Places of the fields of the packet from `at` to before `to`, whose CRC was found right; undefined when they do not fit into it. */
export function fieldsOf(bytes: Uint8Array, at: number, to: number): PacketFields | undefined {
  const packet = decoder.decode(bytes, at, to);
  if (packet === undefined) return undefined;
  const word = (bytes[at + 1]! << 8) | bytes[at + 2]!;
  const walk = new Walk(bytes, at + 3 + vliSize(bytes[at + 3]!));
  if (word & flags.timestamp) walk.skipTimestamp();
  const texts = word & flags.testId ? [walk.place()] : [];
  if (word & flags.tags) for (let left = walk.number(); left > 0; left -= 1) texts.push(walk.place());
  if (word & flags.mimeType) texts.push(walk.place());
  if (word & flags.file) texts.push(walk.place());
  const file = word & flags.file ? walk.place() : undefined;
  if (word & flags.routeCode) texts.push(walk.place());
  return { texts, file, key: JSON.stringify([packet.routeCode, packet.testId, packet.file?.name]) };
}

/** Goes over fields that are known to be there. */
class Walk {
  readonly #bytes: Uint8Array;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  number(): number {
    const size = vliSize(this.#bytes[this.#at]!);
    const value = vliValue(this.#bytes, this.#at, size);
    this.#at += size;
    return value;
  }

  /** Of a text or of bytes, behind its length. */
  place(): Place {
    const length = this.number();
    this.#at += length;
    return { start: this.#at - length, end: this.#at };
  }

  skipTimestamp(): void {
    this.#at += 4;
    this.number();
  }
}
