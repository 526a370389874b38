/** Hides what must not become public. What goes into the log archive is scrubbed there; this is for what becomes public elsewhere. */
export interface Scrubber {
  /** A text for people, such as the reason of a verdict. As long as it was, but for characters beyond ASCII in a secret. */
  text(text: string): string;
  /** A whole file, as the archive will hold it. */
  file(content: Buffer): Promise<Buffer>;
  /** What was hidden in the archive's files below a folder since this was asked last: path to rule to count. */
  takeHidden(folder: string): ReadonlyMap<string, HiddenCounts>;
}

export type HiddenCounts = Readonly<Record<string, number>>;
