/** Buffers that are used again: most attachments are dropped when their test passes. */
export interface BufferPool {
  /** At least that long, with whatever was in it. */
  take(length: number): Uint8Array;
  give(buffer: Uint8Array): void;
}

const smallest = 256;
/** Buffers kept of each size, none longer than `longest`. */
const kept = 16;
const longest = 64 * 1024;

export function createBufferPool(): BufferPool {
  const free = new Map<number, Uint8Array[]>();
  return {
    take(length) {
      let size = smallest;
      while (size < length) size *= 2;
      return free.get(size)?.pop() ?? new Uint8Array(size);
    },
    give(buffer) {
      const { length } = buffer;
      if (length < smallest || length > longest) return;
      const same = free.get(length) ?? [];
      if (same.length < kept) same.push(buffer);
      free.set(length, same);
    },
  };
}
