import { z } from 'zod';
import { SidegateError, catalogue, errorText } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import { projectTerm } from './project-query.ts';
import type { GerritRest } from './rest.ts';

export interface ExpectedVotes {
  /** Exact name, or a pattern with `*`. */
  readonly project: string;
  /** Every label and value a pipeline of the project may vote. */
  readonly votes: readonly { readonly label: string; readonly value: number }[];
}

const openChanges = z.array(
  z.object({
    _number: z.number(),
    permitted_labels: z.record(z.string(), z.array(z.string())).optional(),
  }),
);

/** Gerrit shows a project's rights to its owners only; what an account may vote is written on each open change. */
export async function checkVotes(rest: GerritRest, { project, votes }: ExpectedVotes): Promise<Finding[]> {
  const what = `project ${project}`;
  try {
    if (!project.includes('*'))
      await rest.get(`/projects/${encodeURIComponent(project)}`, z.object({ id: z.string() }));
    const query = encodeURIComponent(`${projectTerm(project)} status:open`);
    const [change] = await rest.get(`/changes/?q=${query}&n=1&o=DETAILED_LABELS`, openChanges);
    const seen: Finding = { ok: true, what, detail: 'can be seen', todo: '' };
    if (!change && votes.length === 0) return [seen];
    if (!change)
      return [{ ...seen, detail: 'can be seen; it has no open change to tell whether this account may vote' }];
    const permitted = change.permitted_labels ?? {};
    return [seen, ...votes.map((vote) => voteFinding(project, vote, permitted)), ...tooMuch(project, permitted)];
  } catch (error) {
    const todo = error instanceof SidegateError ? error.todo : 'See the detail.';
    return [{ ok: false, what, detail: errorText(error), todo }];
  }
}

function voteFinding(
  project: string,
  vote: ExpectedVotes['votes'][number],
  permitted: Readonly<Record<string, readonly string[]>>,
): Finding {
  const what = `vote ${vote.label} ${vote.value > 0 ? '+' : ''}${vote.value} on ${project}`;
  const values = permitted[vote.label]?.map(Number) ?? [];
  if (values.includes(vote.value)) return { ok: true, what, detail: 'is permitted', todo: '' };
  const allowed = values.length === 0 ? 'none of this label' : values.join(', ');
  return { ok: false, what, detail: `is not permitted; permitted: ${allowed}`, todo: catalogue['vote-refused'].todo };
}

/** An account whose key lies on a machine that runs foreign code must not be able to merge. */
function tooMuch(project: string, permitted: Readonly<Record<string, readonly string[]>>): readonly Finding[] {
  const strong = Object.entries(permitted).flatMap(([label, values]) =>
    values.map(Number).includes(2) ? [`${label} +2`] : [],
  );
  // In a sandbox everybody may do everything.
  if (strong.length === 0 || project.endsWith('sandbox')) return [];
  const todo = 'Take the account out of the groups that approve; a third-party CI needs ±1 on its own label at most.';
  return [{ ok: false, what: `rights on ${project}`, detail: `it may vote ${strong.join(', ')}`, todo }];
}
