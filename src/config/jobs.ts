import { backendKinds } from './backends.ts';
import { checkCarry } from './carry.ts';
import { didYouMean } from './did-you-mean.ts';
import { below } from './findings.ts';
import type { Findings, Place } from './findings.ts';
import { inherit, lineageOf } from './inherit-jobs.ts';
import { checkKnown, checkUnique } from './names.ts';
import type { Parts } from './sections.ts';

/** Labels, back ends and parents exist, and each job that may run says where and what. */
export function checkJobs(parts: Parts, findings: Findings): void {
  for (const { place, value } of parts.entries.jobs) {
    checkKnown(value.label, parts.names.labels, { place: below(place, 'label'), what: 'label' }, findings);
    checkKnown(value.parent, parts.names.jobs, { place: below(place, 'parent'), what: 'job' }, findings);
    checkLineage({ place, value }, parts, findings);
    checkJobBackend(value.backend, below(place, 'backend'), { parts, findings });
    checkTestFiles({ place, value }, parts, findings);
    checkCarry(value.carry, below(place, 'carry'), { parts, findings });
    checkUnique(
      (value.phases ?? []).map((phase, index) => ({ place: below(place, 'phases', index, 'name'), name: phase.name })),
      findings,
    );
  }
}

function checkJobBackend(
  backend: string | undefined,
  place: Place,
  { parts, findings }: { parts: Parts; findings: Findings },
): void {
  if (backend === undefined) return;
  if (!backendKinds.includes(backend)) {
    const known = [...backendKinds, ...parts.names.backends];
    if (!known.includes(backend))
      findings.error(place, `no back end is called ${backend}.`, didYouMean(backend, known));
    return;
  }
  // A back end without a readable kind may be of the one asked for: then its own problem is enough.
  const unsure = parts.entries.backends.some(({ value }) => value.kind === undefined);
  const fits = parts.entries.backends.some(({ value }) => backend === 'any' || value.kind === backend);
  const kind = backend === 'any' ? '' : `${backend} `;
  if (!fits && !unsure)
    findings.error(place, `there is no ${kind}back end.`, 'Add one to `backends`, or change the job.');
}

type JobEntry = Parts['entries']['jobs'][number];

/** What goes with test results says nothing without them, and is another file. */
function checkTestFiles({ place, value }: JobEntry, parts: Parts, findings: Findings): void {
  const jobs = parts.entries.jobs.map((entry) => entry.value);
  const results = inherit('test_results', value, jobs);
  for (const key of ['test_results_again', 'test_selection'] as const) {
    if (value[key] === undefined) continue;
    if (results === undefined)
      findings.error(below(place, key), 'says nothing without `test_results`.', 'Add `test_results`, or leave it out.');
    if (value[key] === results) findings.error(below(place, key), 'is the file of `test_results`.');
  }
}

/** What others inherit from, and no project runs, need not be whole. */
function checkLineage({ place, value }: JobEntry, parts: Parts, findings: Findings): void {
  const jobs = parts.entries.jobs.map((entry) => entry.value);
  const lineage = lineageOf(value, jobs);
  const names = lineage.map(({ name }) => name);
  const last = lineage.at(-1)?.parent;
  if (last !== undefined && names.includes(last)) {
    findings.error(below(place, 'parent'), `${[...names, last].join(' → ')} is a circle.`);
    return;
  }
  const runs = parts.entries.projects.flatMap((entry) => Object.values(entry.value.pipelines ?? {}).flat());
  if (jobs.some(({ parent }) => parent === value.name) && !runs.some((name) => name === value.name)) return;
  const lines = lineage.flatMap((one) => parts.entries.jobs.find((entry) => entry.value === one)?.place ?? []);
  for (const key of ['label', 'phases'] as const)
    if (!lines.some((line) => isSaid(line, key))) findings.error(place, `has no ${key}, and no parent that has.`);
  const phases = lineage.flatMap((one) => one.phases ?? []);
  if (phases.length > 0 && phases.every(({ always }) => always))
    findings.error(below(place, 'phases'), 'are all `always`: none of them would decide its result.');
}

/** Rightly or not: what is wrong with it is told elsewhere. */
function isSaid({ path, source }: Place, key: string): boolean {
  let content = source.content;
  for (const step of path) content = (content as Record<PropertyKey, unknown>)[step];
  return typeof content === 'object' && content !== null && Object.hasOwn(content, key);
}
