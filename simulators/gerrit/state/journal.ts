import { closeSync, existsSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const chunkBytes = 1 << 20;

/**
 * Append-only file of JSON lines. A line is one write system call, so it survives `kill -9` of this process; a line torn by a
 * crash of the machine is cut off at the next start.
 */
export class Journal {
  readonly #file: number;
  #position = 0;

  constructor(path: string, absorb: (entry: unknown) => void) {
    this.#file = openSync(path, existsSync(path) ? 'r+' : 'w+', 0o600);
    this.#replay(absorb);
  }

  append(entry: unknown): void {
    const line = Buffer.from(`${JSON.stringify(entry)}\n`);
    let written = 0;
    while (written < line.length) {
      written += writeSync(this.#file, line, written, line.length - written, this.#position + written);
    }
    this.#position += line.length;
  }

  close(): void {
    closeSync(this.#file);
  }

  #replay(absorb: (entry: unknown) => void): void {
    const chunk = Buffer.alloc(chunkBytes);
    let rest = Buffer.alloc(0);
    let offset = 0;
    for (;;) {
      const length = readSync(this.#file, chunk, 0, chunkBytes, offset);
      if (length === 0) break;
      offset += length;
      rest = this.#absorbLines(Buffer.concat([rest, chunk.subarray(0, length)]), absorb);
    }
    if (rest.length > 0) ftruncateSync(this.#file, this.#position);
  }

  #absorbLines(data: Buffer, absorb: (entry: unknown) => void): Buffer<ArrayBuffer> {
    let start = 0;
    for (let end = data.indexOf(10); end !== -1; end = data.indexOf(10, start)) {
      absorb(JSON.parse(data.toString('utf8', start, end)));
      this.#position += end + 1 - start;
      start = end + 1;
    }
    return Buffer.from(data.subarray(start));
  }
}
