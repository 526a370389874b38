import { passUnless } from './change-filter.ts';
import type { Filtered } from './change-filter.ts';
import { anyGlobMatches } from './glob.ts';
import type { FileRules, ProjectSettings } from './settings.ts';

/** What OpenStack's projects keep where; a patchset of nothing else changes nothing that a driver's CI can see. */
export const filePresets = {
  docs: ['*.rst', 'doc/*', 'api-ref/*', 'api-guide/*'],
  'release-notes': ['releasenotes/*'],
  'unit-tests': ['tests/unit/*', '*/tests/unit/*'],
  translations: ['*/locale/*.po'],
  git: ['.gitignore', '.gitreview', '.mailmap', '.pre-commit-config.yaml'],
} as const satisfies Record<string, readonly string[]>;

const presets: ReadonlyMap<string, readonly string[]> = new Map(Object.entries(filePresets));

/** Entries whose rules let a patchset with these files through. One without files (a merge) is not known to be harmless: it passes. */
export function filterByFiles(entries: readonly ProjectSettings[], files: readonly string[]): Filtered {
  return passUnless(entries, ({ fileRules }) => (files.length > 0 && fileRules ? whyNot(fileRules, files) : undefined));
}

/** How much higher than its pipeline's priority the patchset goes: the most that one of the entries gives. */
export function raiseOf(entries: readonly ProjectSettings[], files: readonly string[]): number {
  const raises = entries.flatMap(({ fileRules }) =>
    fileRules?.urgent && files.some((file) => matches(fileRules.urgent?.files ?? [], file))
      ? [fileRules.urgent.raise]
      : [],
  );
  return Math.max(0, ...raises);
}

function whyNot({ only, skip }: FileRules, files: readonly string[]): string | undefined {
  if (only && !files.some((file) => matches(only, file))) return 'it touches no file that is tested here.';
  if (!skip || !files.every((file) => matches(skip, file))) return undefined;
  const needless = skip.filter((rule) => files.some((file) => matches([rule], file)));
  return `it touches only what needs no test here: ${needless.join(', ')}.`;
}

function matches(rules: readonly string[], file: string): boolean {
  return rules.some((rule) => anyGlobMatches(presets.get(rule) ?? [rule], file));
}
