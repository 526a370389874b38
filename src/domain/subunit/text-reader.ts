const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Texts that are remembered, and how long one may be. */
const remembered = 1024;
const maxRemembered = 256;
const hashedBytes = 12;

/**
 * Turns bytes into text. Ids, tags and names stand in packet after packet: a text that was read before is found again by its bytes, which is
 * faster than decoding it, and the same string is looked up faster in maps.
 */
export class TextReader {
  readonly #known = Array.from<string | undefined>({ length: remembered });

  /** Undefined for what is not UTF-8 or holds a NUL. */
  read(bytes: Uint8Array, from: number, to: number): string | undefined {
    if (to - from > maxRemembered) return decode(bytes, from, to);
    const place = placeOf(bytes, from, to);
    const known = this.#known[place];
    if (known !== undefined && isSame(known, bytes, from, to)) return known;
    const text = decode(bytes, from, to);
    // Text with other characters than ASCII has fewer of them than bytes, and never compares as the same.
    this.#known[place] = text;
    return text;
  }
}

function placeOf(bytes: Uint8Array, from: number, to: number): number {
  let hash = to - from;
  for (let at = Math.max(from, to - hashedBytes); at < to; at += 1) hash = (hash * 31 + bytes[at]!) | 0;
  return (hash ^ (hash >>> 15)) & (remembered - 1);
}

function isSame(text: string, bytes: Uint8Array, from: number, to: number): boolean {
  const { length } = text;
  if (length !== to - from) return false;
  // From the end: names of one class differ there.
  for (let index = length - 1; index >= 0; index -= 1) {
    const byte = bytes[from + index]!;
    if (text.charCodeAt(index) !== byte || byte > 0x7f) return false;
  }
  return true;
}

function decode(bytes: Uint8Array, from: number, to: number): string | undefined {
  const part = bytes.subarray(from, to);
  if (part.includes(0)) return undefined;
  try {
    return utf8.decode(part);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}
