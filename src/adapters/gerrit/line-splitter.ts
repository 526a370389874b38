/** Bytes of one line. The largest ordinary event is some 30 KiB: Gerrit limits comments and commit messages. */
export const longestLine = 1024 * 1024;

export interface LineSplitter {
  push(chunk: Buffer): void;
}

export interface LineSplitterOptions {
  readonly limit: number;
  readonly onLine: (line: string) => void;
  /** A line over the limit was thrown away; called once for it, when the limit is passed. */
  readonly onOversize: () => void;
}

/** Cuts bytes into lines. Splits before decoding, so a character cut in two by the network stays whole. Keeps `limit` bytes at most. */
export function createLineSplitter({ limit, onLine, onOversize }: LineSplitterOptions): LineSplitter {
  let parts: Buffer[] = [];
  let size = 0;
  let skipping = false;

  const keep = (part: Buffer): void => {
    if (skipping || part.length === 0) return;
    size += part.length;
    if (size <= limit) {
      parts.push(part);
      return;
    }
    parts = [];
    skipping = true;
    onOversize();
  };

  const endLine = (): void => {
    const line = skipping ? '' : Buffer.concat(parts).toString('utf8').trim();
    parts = [];
    size = 0;
    skipping = false;
    if (line !== '') onLine(line);
  };

  return {
    push(chunk) {
      let from = 0;
      for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
        keep(chunk.subarray(from, end));
        endLine();
        from = end + 1;
      }
      keep(chunk.subarray(from));
    },
  };
}
