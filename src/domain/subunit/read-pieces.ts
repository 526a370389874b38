import { createByteQueue } from './byte-queue.ts';

/** Bytes are taken in slices so that one huge piece is not held twice. */
const sliceBytes = 1024 * 1024;
const joinedBytes = 16 * 1024;

export interface PieceReader {
  push(bytes: Uint8Array): void;
  end(): void;
}

/**
 * Hands what comes to `read`, which answers how many of the bytes are done with; the others come again, with more behind them. They are read
 * where they lie: only what a piece cuts in two is copied, with the beginning of the next piece. `final`: nothing comes behind them.
 */
export function createPieceReader(read: (bytes: Uint8Array, final: boolean) => number): PieceReader {
  const queue = createByteQueue();

  function take(piece: Uint8Array): void {
    let rest = piece;
    while (queue.length > 0 && rest.length > 0) {
      const part = rest.subarray(0, joinedBytes);
      queue.append(part);
      queue.skip(read(queue.view(), false));
      const unread = queue.length <= part.length ? queue.length : 0;
      queue.skip(unread);
      rest = rest.subarray(part.length - unread);
    }
    queue.append(rest.subarray(read(rest, false)));
  }

  return {
    push(bytes) {
      for (let at = 0; at < bytes.length; at += sliceBytes) take(bytes.subarray(at, at + sliceBytes));
    },
    end() {
      queue.skip(read(queue.view(), true));
    },
  };
}
