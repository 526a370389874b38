import type { SectionEntry } from './schema/root.ts';

type JobEntry = Partial<SectionEntry<'jobs'>>;

/** A job and what it inherits from, itself first. One that would come twice ends it. */
export function lineageOf(job: JobEntry, jobs: readonly JobEntry[]): readonly JobEntry[] {
  const lineage: JobEntry[] = [];
  for (let next: JobEntry | undefined = job; next && !lineage.includes(next); next = parentOf(next, jobs))
    lineage.push(next);
  return lineage;
}

function parentOf({ parent }: JobEntry, jobs: readonly JobEntry[]): JobEntry | undefined {
  return parent === undefined ? undefined : jobs.find(({ name }) => name === parent);
}

/** The nearest that says it. */
export function inherit<Key extends keyof JobEntry>(
  key: Key,
  job: JobEntry,
  jobs: readonly JobEntry[],
): JobEntry[Key] | undefined {
  return lineageOf(job, jobs).find((one) => one[key] !== undefined)?.[key];
}

/** Phases of the parent in their order, those of the same name replaced; then those that only the job has. */
export function mergePhases<Phase extends { readonly name: string }>(
  parent: readonly Phase[],
  own: readonly Phase[],
): readonly Phase[] {
  const replaced = parent.map((phase) => own.find(({ name }) => name === phase.name) ?? phase);
  return [...replaced, ...own.filter(({ name }) => !parent.some((phase) => phase.name === name))];
}
