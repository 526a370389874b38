/** What belonged to no packet. */
export interface Skipped {
  readonly bytes: number;
  /** Runs of such bytes. */
  readonly places: number;
}

export interface SkipCount {
  readonly count: Skipped;
  skip(bytes: number): void;
  /** Something that is no damage stands here: what is skipped next is another place. */
  pause(): void;
}

export function createSkipCount(): SkipCount {
  const count = { bytes: 0, places: 0 };
  let skipping = false;
  return {
    count,
    skip(bytes) {
      if (!skipping) count.places += 1;
      skipping = true;
      count.bytes += bytes;
    },
    pause() {
      skipping = false;
    },
  };
}
