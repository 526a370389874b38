import { z } from 'zod';
import { SidegateError, catalogue, errorText } from '../../domain/errors.ts';
import { notChecked } from '../../domain/finding.ts';
import type { Finding } from '../../domain/finding.ts';
import { branchMatches, globMatches } from '../../domain/glob.ts';
import { plainName, positive } from './fields.ts';
import { projectTerm } from './project-query.ts';
import { changePath } from './rest.ts';
import type { GerritRest } from './rest.ts';

export interface ExpectedVotes {
  /** Exact name, or a pattern with `*`. */
  readonly project: string;
  /** As `branchMatches` takes them. */
  readonly branches: readonly string[];
  /** Every label and value a pipeline of the project may vote. */
  readonly votes: readonly { readonly label: string; readonly value: number }[];
}

type Permitted = Readonly<Record<string, readonly string[]>>;

const openChanges = z.array(z.object({ _number: positive, project: plainName, branch: plainName }));
const change = z.object({ permitted_labels: z.record(z.string(), z.array(z.string())).default({}) });

/** Looked through for one on a configured branch. */
const newest = 100;

/**
 * Whether the account sees a project, which is all that commenting takes (on a read-only project too), and what it may vote there. Gerrit
 * shows a project's rights to its owners only; what an account may vote is written on each open change.
 */
export async function checkVotes(rest: GerritRest, expected: ExpectedVotes): Promise<readonly Finding[]> {
  const { project, votes } = expected;
  const isPattern = project.includes('*');
  const what = `project ${project}`;
  const seen: Finding = { ok: true, what, detail: 'can be seen: the account may comment there', todo: '' };
  try {
    if (!isPattern) await rest.get(`/projects/${encodeURIComponent(project)}`, z.object({ id: z.string() }));
    const permitted = await permittedLabels(rest, expected);
    if (permitted)
      return [seen, ...votes.map((vote) => voteFinding(project, vote, permitted)), ...tooMuch(project, permitted)];
    const unseen = notChecked(
      isPattern ? what : `votes on ${project}`,
      'there is no open change, and only one tells what this account may vote',
      'Run this again when a change is open on a configured branch.',
    );
    return isPattern ? [unseen] : [seen, unseen];
  } catch (error) {
    const todo = error instanceof SidegateError ? error.todo : 'See the detail.';
    return [{ ok: false, what, detail: errorText(error), todo }];
  }
}

/** Undefined: no open change of the project on one of the branches can be seen. */
async function permittedLabels(rest: GerritRest, { branches, project }: ExpectedVotes): Promise<Permitted | undefined> {
  const query = encodeURIComponent(`${projectTerm(project)} status:open`);
  const found = (await rest.get(`/changes/?q=${query}&n=${newest}`, openChanges)).find(
    (one) => globMatches(project, one.project) && branchMatches(branches, one.branch),
  );
  if (!found) return undefined;
  const path = changePath({ project: found.project, change: found._number });
  return (await rest.get(`${path}?o=DETAILED_LABELS`, change)).permitted_labels;
}

function voteFinding(project: string, vote: ExpectedVotes['votes'][number], permitted: Permitted): Finding {
  const what = `vote ${vote.label} ${vote.value > 0 ? '+' : ''}${vote.value} on ${project}`;
  const values = permitted[vote.label]?.map(Number) ?? [];
  if (values.includes(vote.value)) return { ok: true, what, detail: 'is permitted', todo: '' };
  const allowed = values.length === 0 ? 'none of this label' : values.join(', ');
  return { ok: false, what, detail: `is not permitted; permitted: ${allowed}`, todo: catalogue['vote-refused'].todo };
}

/** An account whose key lies on a machine that runs foreign code must not be able to merge. */
function tooMuch(project: string, permitted: Permitted): readonly Finding[] {
  const strong = Object.entries(permitted).flatMap(([label, values]) =>
    values.map(Number).includes(2) ? [`${label} +2`] : [],
  );
  // In a sandbox everybody may do everything.
  if (strong.length === 0 || project.endsWith('sandbox')) return [];
  const todo = 'Take the account out of the groups that approve; a third-party CI needs ±1 on its own label at most.';
  return [{ ok: false, what: `rights on ${project}`, detail: `it may vote ${strong.join(', ')}`, todo }];
}
