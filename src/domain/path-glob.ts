import { globMatches } from './glob.ts';

/**
 * True when a path matches a pattern as people know it from build tools: `*` stands for any characters of one name, `**` as a whole name for any
 * number of names, also none; a pattern that ends in `/` means all that lies below. At most pattern × path steps.
 */
export function pathMatches(pattern: string, path: string): boolean {
  const wanted = (pattern.endsWith('/') ? `${pattern}**` : pattern).split('/');
  const names = path.split('/');
  let inPattern = 0;
  let inPath = 0;
  let stars = -1;
  let resume = 0;
  while (inPath < names.length) {
    const part = wanted[inPattern];
    if (part === '**') {
      stars = inPattern++;
      resume = inPath;
    } else if (part !== undefined && globMatches(part, names[inPath] ?? '')) {
      inPattern++;
      inPath++;
    } else if (stars >= 0) {
      // The last `**` takes one more name; earlier ones never need to change.
      inPattern = stars + 1;
      inPath = ++resume;
    } else {
      return false;
    }
  }
  return wanted.slice(inPattern).every((part) => part === '**');
}

/** The folder that all matches lie in: what is before the first `*`, and without it the file's own. */
export function fixedFolder(pattern: string): string {
  const names = pattern.split('/');
  const first = names.findIndex((name) => name.includes('*'));
  return names.slice(0, first < 0 ? -1 : first).join('/');
}
