import type { BufferPool } from './buffer-pool.ts';

/** Text attached to one test, gathered while the test runs. */
export interface Details {
  /** `mimeType` counts in the first packet of each name; only text is kept. */
  add(file: { readonly name: string; readonly bytes: Uint8Array }, mimeType: string | undefined): void;
  /** Reason and traceback first, then the other texts, each under its name; gives back what it does not keep. */
  compose(): string;
  /** Drops everything and gives it back to the budget. */
  discard(): void;
}

/** Shared by all tests of a stream. */
export interface Budget {
  /** Bytes that may still be kept. */
  left: number;
  readonly buffers: BufferPool;
}

const maxFiles = 8;
const maxFileName = 80;
/** What one attachment costs beside its bytes: names and empty buffers must not be free. */
const fileCost = 256;
const cutNote = '\n… (cut)';
const empty = new Uint8Array(0);
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

interface Attachment {
  readonly isText: boolean;
  /** The first `length` bytes are used. Grows by doubling: a file that comes byte by byte must not cost an object for each. */
  buffer: Uint8Array;
  length: number;
  cut: boolean;
}

export function createDetails(limit: number, budget: Budget): Details {
  let files: Map<string, Attachment> | undefined;
  let charged = 0;

  function charge(bytes: number): void {
    charged += bytes;
    budget.left -= bytes;
  }

  function fileFor(name: string, mimeType: string | undefined): Attachment | undefined {
    const known = files?.get(name);
    if (known !== undefined || (files?.size ?? 0) >= maxFiles || budget.left < fileCost) return known;
    const isText = mimeType?.startsWith('text/') === true;
    const file = { isText, buffer: empty, length: 0, cut: false };
    charge(fileCost);
    files ??= new Map();
    files.set(name, file);
    return file;
  }

  function discard(): void {
    for (const file of files?.values() ?? []) budget.buffers.give(file.buffer);
    files = undefined;
    charge(-charged);
  }

  return {
    add({ bytes, name }, mimeType) {
      if (bytes.length === 0) return;
      const file = fileFor(name.slice(0, maxFileName), mimeType);
      if (file?.isText !== true) return;
      const room = Math.max(0, Math.min(limit - file.length, budget.left));
      file.cut ||= room < bytes.length;
      const kept = bytes.subarray(0, room);
      append(file, kept, budget.buffers);
      charge(kept.length);
    },
    compose() {
      const texts = [...(files ?? [])]
        .filter(([, file]) => file.isText)
        .toSorted(([a], [b]) => rank(a) - rank(b))
        .map(([name, file], index) => section(name, file, index));
      discard();
      // A database refuses NUL, and half of a surrogate pair, which cutting may leave.
      const joined = texts.join('\n').replaceAll('\0', '\uFFFD');
      const text = (joined.length > limit ? `${joined.slice(0, limit)}${cutNote}` : joined).toWellFormed();
      charge(Math.min(text.length, limit));
      return text;
    },
    discard,
  };
}

function append(file: Attachment, bytes: Uint8Array, buffers: BufferPool): void {
  const length = file.length + bytes.length;
  if (length > file.buffer.length) {
    const buffer = buffers.take(length);
    buffer.set(file.buffer.subarray(0, file.length));
    buffers.give(file.buffer);
    file.buffer = buffer;
  }
  file.buffer.set(bytes, file.length);
  file.length = length;
}

function rank(name: string): number {
  if (name.startsWith('reason')) return 0;
  return name.startsWith('traceback') ? 1 : 2;
}

function section(name: string, file: Attachment, index: number): string {
  const text = `${utf8.decode(file.buffer.subarray(0, file.length))}${file.cut ? cutNote : ''}`.trimEnd();
  return index === 0 && rank(name) < 2 ? text : `--- ${name}\n${text}`;
}
