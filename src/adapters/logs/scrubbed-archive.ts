import type { Hidden } from '../../domain/scrub/rule.ts';
import { bytesOf } from '../../domain/scrub/known-strings.ts';
import type { ScrubLines } from '../../domain/scrub/scrubber.ts';
import { createScrubStream } from '../../domain/scrub/stream.ts';
import type { ScrubStream } from '../../domain/scrub/stream.ts';
import type { LogArchive } from '../../ports/log-archive.ts';
import type { CutText, HiddenCounts, Scrubber } from '../../ports/scrubber.ts';
import { scrubFile } from './scrub-file.ts';

/** Files whose counts are remembered until they are asked for. */
const maxCounted = 20_000;

/** A file that grows. */
interface Growing {
  readonly stream: ScrubStream;
  /** Bytes given to the archive; they are written one after the other. */
  written: number;
  last: Promise<void>;
}

/**
 * The one way into an archive: nothing is written that was not scrubbed. Scrubbed text is as long as the text was, so offsets of a growing
 * file are the same inside and outside; only what may be half a secret is not there yet.
 */
export function createScrubbedArchive(
  archive: LogArchive,
  scrub: ScrubLines,
): { archive: LogArchive; scrubber: Scrubber } {
  const growing = new Map<string, Growing>();
  const counted = new Map<string, HiddenCounts>();

  function count(path: string, hidden: Hidden): void {
    if (counted.size >= maxCounted) counted.clear();
    if (hidden.size > 0) counted.set(path, Object.fromEntries(hidden));
  }

  async function writeAt(path: string, offset: number, bytes: Buffer): Promise<void> {
    const known = growing.get(path);
    const file =
      known && known.written + known.stream.kept === offset
        ? known
        : { stream: createScrubStream(scrub), written: offset, last: Promise.resolve() };
    growing.set(path, file);
    await append(path, file, file.stream.push(bytes.toString('latin1')));
  }

  /** What was taken out of the stream and could not be written comes again: who writes asks for the size first. */
  async function append(path: string, file: Growing, text: string): Promise<void> {
    try {
      const at = file.written;
      file.written += text.length;
      file.last = file.last.then(() => archive.writeAt(path, at, Buffer.from(text, 'latin1')));
      await file.last;
    } catch (error) {
      if (growing.get(path) === file) growing.delete(path);
      throw error;
    }
  }

  async function finish(path: string, rest: 'write' | 'drop'): Promise<void> {
    const file = growing.get(path);
    if (file === undefined) return;
    growing.delete(path);
    if (rest === 'write') await append(path, file, file.stream.end());
    count(path, file.stream.hidden);
  }

  async function write(path: string, content: Buffer, cut?: CutText): Promise<Buffer> {
    const hidden: Hidden = new Map();
    const scrubbed = await scrubFile(content, scrub, hidden);
    const written = cut ? withoutContext(scrubbed, cut) : scrubbed;
    await archive.write(path, written);
    count(path, hidden);
    return written;
  }

  return {
    archive: {
      ...archive,
      writeAt,
      finish,
      write: async (path, content) => void (await write(path, Buffer.from(content))),
    },
    scrubber: {
      text: (text) => Buffer.from(scrub(bytesOf(text), new Map()), 'latin1').toString('utf8'),
      file: (content) => scrubFile(content, scrub, new Map()),
      write,
      takeHidden: (folder) => takeBelow(counted, folder),
    },
  };
}

/** Whole lines: the first one may have begun before what is known. */
function withoutContext(content: Buffer, { context, notice }: CutText): Buffer {
  const line = content.indexOf('\n', Math.max(0, context - 1));
  const from = context === 0 ? 0 : line < 0 ? content.length : line + 1;
  return Buffer.concat([Buffer.from(notice), content.subarray(from)]);
}

function takeBelow(counted: Map<string, HiddenCounts>, folder: string): ReadonlyMap<string, HiddenCounts> {
  const taken = new Map([...counted].filter(([path]) => path.startsWith(folder)));
  for (const path of taken.keys()) counted.delete(path);
  return taken;
}
