/** Hides what must not become public. What goes into the log archive is scrubbed there; this is for what becomes public elsewhere. */
export interface Scrubber {
  /** A text for people, such as the reason of a verdict. As long as it was, but for characters beyond ASCII in a secret. */
  text(text: string): string;
  /** A whole file, as the archive will hold it. */
  file(content: Buffer): Promise<Buffer>;
  /** Writes a whole file into the archive, as that does itself, and answers what it holds now. */
  write(path: string, content: Buffer, cut?: CutText): Promise<Buffer>;
  /** What was hidden in the archive's files below a folder since this was asked last: path to rule to count. */
  takeHidden(folder: string): ReadonlyMap<string, HiddenCounts>;
}

export type HiddenCounts = Readonly<Record<string, number>>;

/** The end of a text: only with what stands before it is known what is secret in it. */
export interface CutText {
  /** Bytes that stand before it. */
  readonly context: number;
  /** What the file begins with instead; then come the whole lines behind the context. */
  readonly notice: string;
}
