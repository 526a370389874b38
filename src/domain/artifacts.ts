import { fixedFolder, pathMatches } from './path-glob.ts';

/** What shall happen to some files of a test server. */
export interface ArtifactRule {
  /** As `path-glob.ts` reads them: relative to the artifact folder, or, with `/` at the start, anywhere on the test server. */
  readonly paths: readonly string[];
  /** Bytes of each file; of a longer one its end is taken. */
  readonly maxSize: number;
  readonly when: 'always' | 'failure' | 'success' | 'never';
  /** Folder of the log tree for files from elsewhere. */
  readonly to: string;
}

/** A plain file on the test server. */
export interface FoundFile {
  /** Relative to the artifact folder, or absolute. */
  readonly path: string;
  readonly size: number;
}

export interface ChosenFile extends FoundFile {
  /** Its path in the log tree. */
  readonly to: string;
  /** Bytes wanted: where the file has more, those at its end. */
  readonly limit: number;
}

/** Where else than in the artifact folder files are looked for. */
export interface SearchedFolder {
  /** Absolute; or the one file. */
  readonly path: string;
  /** Folders below each other; 0: it is a file. */
  readonly depth: number;
}

export interface ChosenArtifacts {
  /** In the order of the rules. */
  readonly chosen: readonly ChosenFile[];
  /** What is not taken though somebody may look for it: name and reason. */
  readonly leftOut: readonly string[];
}

/** No file may have more: each has to fit into memory. */
export const maxArtifactSize = 64 * 1024 * 1024;

/** Below `**` folders are looked into so deep. */
const deepest = 20;

/** Of these the end alone is worth nothing. */
const wholeOnly =
  /\.(?:gz|tgz|xz|bz2|zst|zip|7z|tar|subunit|qcow2|vmdk|img|iso|png|jpe?g|gif|webp|pdf|sqlite|db|pcap|so|pyc|whl|deb|rpm)$/i;

const everything: ArtifactRule = { paths: ['**'], maxSize: maxArtifactSize, when: 'always', to: '' };

/** The first rule that matches decides. What no rule tells of is taken where it lies in the artifact folder. */
export function chooseArtifacts(
  found: readonly FoundFile[],
  rules: readonly ArtifactRule[],
  hasFailed: boolean,
): ChosenArtifacts {
  const all = [...rules, everything];
  const byRule = all.map((): ChosenFile[] => []);
  const leftOut: string[] = [];
  const taken = new Set<string>();
  for (const file of found) {
    const match = firstMatch(all, file.path);
    if (match === undefined || !isWanted(match.rule, hasFailed)) continue;
    const { rule, place, to } = match;
    if (file.size > rule.maxSize && wholeOnly.test(file.path))
      leftOut.push(`${file.path}: ${file.size} bytes are more than ${rule.maxSize}, and its end alone cannot be read`);
    else if (taken.has(to)) leftOut.push(`${file.path}: another file is ${to} already`);
    else {
      taken.add(to);
      byRule[place]?.push({ ...file, to, limit: rule.maxSize });
    }
  }
  return { chosen: byRule.flat(), leftOut };
}

function firstMatch(rules: readonly ArtifactRule[], path: string) {
  for (const [place, rule] of rules.entries()) {
    const pattern = rule.paths.find((one) => one.startsWith('/') === path.startsWith('/') && pathMatches(one, path));
    if (pattern === undefined) continue;
    const to = path.startsWith('/') ? rule.to + path.slice(fixedFolder(pattern).length) : path;
    return { rule, place, to };
  }
  return undefined;
}

function isWanted({ when }: ArtifactRule, hasFailed: boolean): boolean {
  switch (when) {
    case 'always':
      return true;
    case 'failure':
      return hasFailed;
    case 'success':
      return !hasFailed;
    case 'never':
      return false;
  }
}

/** Where the rules' files from elsewhere may be; only folders that a rule names. */
export function searchedFolders(rules: readonly ArtifactRule[]): readonly SearchedFolder[] {
  const wanted = rules.filter(({ when }) => when !== 'never');
  const patterns = wanted.flatMap(({ paths }) => paths).filter((path) => path.startsWith('/'));
  return patterns.map((pattern) => {
    if (!pattern.includes('*') && !pattern.endsWith('/')) return { path: pattern, depth: 0 };
    const path = fixedFolder(pattern);
    const depth = pattern.slice(path.length + 1).split('/').length;
    return { path, depth: pattern.endsWith('/') || pattern.includes('**') ? deepest : depth };
  });
}
