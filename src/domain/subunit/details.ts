/** Text attached to one test, gathered while the test runs. */
export interface Details {
  add(name: string, mimeType: string | undefined, bytes: Uint8Array): void;
  /** Reason and traceback first, then the other texts, each under its name; gives back what it does not keep. */
  compose(): string;
  /** Drops everything and gives it back to the budget. */
  discard(): void;
}

/** Bytes that may still be kept; shared by all tests of a stream. */
export interface Budget {
  left: number;
}

const maxFiles = 8;
const maxFileName = 80;
const cutNote = '\n… (cut)';

interface AttachedText {
  readonly decoder: InstanceType<typeof TextDecoder>;
  text: string;
  bytes: number;
  cut: boolean;
}

export function createDetails(limit: number, budget: Budget): Details {
  const files = new Map<string, AttachedText>();
  let charged = 0;

  function fileFor(name: string, mimeType: string | undefined): AttachedText | undefined {
    const known = files.get(name);
    // Only the first packet of a file names its type.
    if (known !== undefined || mimeType?.startsWith('text/') !== true || files.size >= maxFiles) return known;
    const file = { decoder: new TextDecoder(), text: '', bytes: 0, cut: false };
    files.set(name, file);
    return file;
  }

  function discard(): void {
    files.clear();
    budget.left += charged;
    charged = 0;
  }

  return {
    add(name, mimeType, bytes) {
      const file = fileFor(name.slice(0, maxFileName), mimeType);
      if (file === undefined) return;
      const kept = bytes.subarray(0, Math.max(0, Math.min(limit - file.bytes, budget.left)));
      file.text += file.decoder.decode(kept, { stream: true });
      file.bytes += kept.length;
      file.cut ||= kept.length < bytes.length;
      charged += kept.length;
      budget.left -= kept.length;
    },
    compose() {
      const texts = [...files]
        .toSorted(([a], [b]) => rank(a) - rank(b))
        .map(([name, file], index) => section(name, file, index));
      discard();
      // A database refuses NUL, and half of a surrogate pair, which cutting may leave.
      const joined = texts.join('\n').replaceAll('\0', '\uFFFD');
      const text = (joined.length > limit ? `${joined.slice(0, limit)}${cutNote}` : joined).toWellFormed();
      charged = Math.min(text.length, limit);
      budget.left -= charged;
      return text;
    },
    discard,
  };
}

function rank(name: string): number {
  if (name.startsWith('reason')) return 0;
  return name.startsWith('traceback') ? 1 : 2;
}

function section(name: string, file: AttachedText, index: number): string {
  const text = `${file.text}${file.decoder.decode()}${file.cut ? cutNote : ''}`.trimEnd();
  return index === 0 && rank(name) < 2 ? text : `--- ${name}\n${text}`;
}
