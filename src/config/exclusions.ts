import { exclusionName, isOver, parseExclusions, presetLine, soon } from '../domain/exclusion.ts';
import type { Exclusion } from '../domain/exclusion.ts';
import { didYouMean } from './did-you-mean.ts';
import { below } from './findings.ts';
import type { Findings, Place } from './findings.ts';
import type { Presets } from './presets.ts';
import type { Parts } from './sections.ts';

type Environment = Readonly<Record<string, string>>;

/** The script that reads these variables; a script of the operator's own may mean something else by them. */
const reader = 'sidegate:zvm-devstack-tempest/tempest.sh';

/** What jobs leave out: presets exist, lines can be read, and days that have come or are near are told. */
export function checkExclusions(parts: Parts, presets: Presets, findings: Findings): void {
  const phases = parts.entries.jobs.flatMap(({ value }) => value.phases ?? []);
  if (!phases.some(({ script }) => script === reader)) return;
  for (const { place, value } of parts.entries.jobs) {
    const { TEMPEST_EXCLUDE: lines = '', TEMPEST_PRESETS: names = '' } = value.environment ?? {};
    const job = value.name ?? '';
    const byName = below(place, 'environment', 'TEMPEST_PRESETS');
    checkPresets(names, byName, { presets, findings });
    for (const one of presetExclusions(names, presets)) warnOf(one, { job, at: byName, findings });
    const at = below(place, 'environment', 'TEMPEST_EXCLUDE');
    const { exclusions, mistakes } = parseExclusions(lines);
    for (const line of mistakes)
      findings.error(
        at,
        `"${line.slice(0, 200)}" is not [ID] DAY REGEX REASON.`,
        'A day is 2027-06-01, a regex has no blanks and no `#`.',
      );
    for (const one of exclusions) warnOf(one, { job, at, findings });
  }
}

/** All that a job leaves out, by what it has and inherits. */
export function exclusionsOf(environment: Environment, presets: Presets): readonly Exclusion[] {
  const { TEMPEST_EXCLUDE: lines = '', TEMPEST_PRESETS: names = '' } = environment;
  return [...presetExclusions(names, presets), ...parseExclusions(lines).exclusions];
}

/** What the job's scripts are told beside what is in the file. */
export function presetEnvironment({ TEMPEST_PRESETS: names }: Environment, presets: Presets): Environment {
  if (names === undefined) return {};
  return { SIDEGATE_PRESET_TESTS: presetExclusions(names, presets).map(presetLine).join('\n') };
}

function presetExclusions(names: string, presets: Presets): readonly Exclusion[] {
  const words = wordsOf(names);
  return words.flatMap((word) => presets.get(word) ?? []).filter(({ id }) => !words.includes(`!${id}`));
}

/** `zvm !resize`: a preset, without one of its entries. */
function checkPresets(
  names: string,
  place: Place,
  { presets, findings }: { presets: Presets; findings: Findings },
): void {
  const words = wordsOf(names);
  const ids = words.flatMap((word) => presets.get(word) ?? []).flatMap(({ id }) => id ?? []);
  for (const word of words) {
    const [known, name, what] = word.startsWith('!')
      ? [ids, word.slice(1), 'no entry of these presets']
      : [[...presets.keys()], word, 'no preset'];
    if (!known.includes(name))
      findings.error(place, `${what} is called ${name.slice(0, 100)}.`, didYouMean(name, known));
  }
}

function wordsOf(names: string): readonly string[] {
  return names.split(/[\s,]+/).filter((word) => word !== '');
}

function warnOf(
  exclusion: Exclusion,
  { at, findings, job }: { readonly job: string; readonly at: Place; readonly findings: Findings },
): void {
  const name = exclusionName(exclusion).slice(0, 200);
  if (isOver(exclusion, Date.now()))
    findings.warning(
      at,
      `${job} tests ${name} again: its day, ${exclusion.until}, has come.`,
      'Remove the entry, or give it another day.',
    );
  else if (isOver(exclusion, Date.now(), soon))
    findings.warning(at, `${job} tests ${name} again from ${exclusion.until} on.`);
}
