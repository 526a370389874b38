import { openKey } from './private-keys.ts';
import type { Hidden } from './rule.ts';
import type { ScrubLines } from './scrubber.ts';

/** Longer lines are cut: what is kept of a line that never ends is bounded. */
const longestLine = 64 * 1024;
/** What a rule may look at behind the place where a long line is cut. */
const overlap = 12 * 1024;
const cutTries = 12;

/** Scrubs bytes as they come. What is given out depends on the bytes, not on the pieces in which they came. */
export interface ScrubStream {
  /** What of it, and of what was kept, can be given out: whole lines, no part of a key. */
  push(bytes: string): string;
  /** The rest, as if a line ended there. */
  end(): string;
  /** Bytes that are kept. */
  readonly kept: number;
  readonly hidden: Hidden;
}

export function createScrubStream(scrub: ScrubLines): ScrubStream {
  const hidden: Hidden = new Map();
  let kept = '';
  const take = (isLast: boolean): string => {
    const given: string[] = [];
    for (;;) {
      const next = nextPart(kept, isLast, scrub);
      if (next === 0) return given.join('');
      given.push(scrub(kept.slice(0, next), hidden));
      kept = kept.slice(next);
    }
  };
  return {
    push: (bytes) => {
      kept += bytes;
      return take(false);
    },
    end: () => take(true),
    get kept() {
      return kept.length;
    },
    hidden,
  };
}

/** Length of what can be scrubbed by itself; 0: more must come. */
function nextPart(text: string, isLast: boolean, scrub: ScrubLines): number {
  const isLong = text.length > longestLine;
  if (isLast && !isLong) return text.length;
  const window = text.slice(0, longestLine);
  const lines = window.lastIndexOf('\n') + 1;
  if (lines === 0) return isLong ? cutOf(window, scrub) : 0;
  const key = openKey(window.slice(0, lines));
  if (key === undefined) return lines;
  // A key whose first line begins the text: its end may still come, unless what follows is no key but a line without an end.
  return key === 0 && isLong ? lines : key;
}

/** A place in a line without an end that no rule looks across. */
function cutOf(window: string, scrub: ScrubLines): number {
  const whole = scrub(window, new Map());
  let at = longestLine - overlap;
  for (let tries = 0; tries < cutTries; tries += 1) {
    const blank = window.lastIndexOf(' ', at);
    const cut = blank > longestLine / 2 ? blank + 1 : at;
    if (scrub(window.slice(0, cut), new Map()) + scrub(window.slice(cut), new Map()) === whole) return cut;
    at = cut - 1024;
  }
  return longestLine;
}
