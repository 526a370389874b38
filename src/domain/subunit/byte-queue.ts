/** Bytes that came and are not used yet. Appending is amortised: a packet that arrives byte by byte is not copied each time. */
export interface ByteQueue {
  readonly length: number;
  append(bytes: Uint8Array): void;
  /** The bytes waiting. Valid only until the next `append`. */
  view(): Uint8Array;
  skip(count: number): void;
}

export function createByteQueue(): ByteQueue {
  let buffer = new Uint8Array(64 * 1024);
  let start = 0;
  let end = 0;

  function makeRoom(count: number): void {
    if (end + count <= buffer.length) return;
    const used = end - start;
    const target = used + count <= buffer.length / 2 ? buffer : new Uint8Array((used + count) * 2);
    target.set(buffer.subarray(start, end));
    buffer = target;
    start = 0;
    end = used;
  }

  return {
    get length() {
      return end - start;
    },
    append(bytes) {
      makeRoom(bytes.length);
      buffer.set(bytes, end);
      end += bytes.length;
    },
    view() {
      return buffer.subarray(start, end);
    },
    skip(count) {
      start = Math.min(end, start + count);
      if (start === end) start = end = 0;
    },
  };
}
