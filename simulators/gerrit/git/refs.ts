import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gitText } from './run.ts';

export interface BranchTip {
  readonly commit: string;
  readonly tree: string;
  readonly subject: string;
}

const known = new Map<string, BranchTip>();
const maxKnown = 1_000;

/** The commit a branch points to, undefined where there is no such branch. Asks git only about commits not seen before. */
export async function branchTip(directory: string, branch: string): Promise<BranchTip | undefined> {
  if (!/^\w[\w./-]*$/.test(branch) || branch.includes('..')) return undefined;
  const tip = known.get(looseRef(directory, `refs/heads/${branch}`));
  if (tip !== undefined) return tip;
  const ref = `refs/heads/${branch}`;
  const format = '--format=%(refname)%00%(objectname)%00%(tree)%00%(contents:subject)';
  const found = await gitText(['for-each-ref', format, ref], { directory });
  const fields = found.split('\n').map((line) => line.split('\0'));
  const [, commit, tree = '', subject = ''] = fields.find(([name]) => name === ref) ?? [];
  if (commit === undefined) return undefined;
  if (known.size >= maxKnown) known.clear();
  known.set(commit, { commit, tree, subject });
  return { commit, tree, subject };
}

/** Nobody packs refs in these repositories, so that a branch is a file. */
function looseRef(directory: string, ref: string): string {
  try {
    return readFileSync(join(directory, ref), 'latin1').trim();
  } catch {
    return '';
  }
}

/** Makes a ref nobody else writes, without a git process. */
export function createRef(directory: string, ref: string, revision: string): void {
  const path = join(directory, ref);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.lock`, `${revision}\n`);
  renameSync(`${path}.lock`, path);
}
