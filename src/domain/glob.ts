/**
 * True when `text` matches `pattern`, where `*` stands for any characters (also `/`, also none) and all others for themselves.
 * No regular expression: a pattern with many `*` would make one exponential. Worst case is pattern × text steps.
 */
export function globMatches(pattern: string, text: string): boolean {
  let inPattern = 0;
  let inText = 0;
  let star = -1;
  let resume = 0;
  while (inText < text.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern++;
      resume = inText;
    } else if (pattern[inPattern] === text[inText]) {
      inPattern++;
      inText++;
    } else if (star >= 0) {
      // The last `*` takes one more character; earlier ones never need to change.
      inPattern = star + 1;
      inText = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[inPattern] === '*') inPattern++;
  return inPattern === pattern.length;
}

export function anyGlobMatches(patterns: readonly string[], text: string): boolean {
  return patterns.some((pattern) => globMatches(pattern, text));
}

/** One of the patterns matches, and none of those after `!`. Only such: everything else does. */
export function branchMatches(patterns: readonly string[], branch: string): boolean {
  const unwanted = patterns.filter((pattern) => pattern.startsWith('!')).map((pattern) => pattern.slice(1));
  const wanted = patterns.filter((pattern) => !pattern.startsWith('!'));
  if (anyGlobMatches(unwanted, branch)) return false;
  return wanted.length === 0 || anyGlobMatches(wanted, branch);
}
