import { git, gitText } from './run.ts';
import { readFileChanges } from './file-changes.ts';
import { subjectOf } from '../state/model.ts';
import type { Commit, Person } from '../state/model.ts';

const maxCommits = 10_000;

interface RawCommit {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: Person;
  readonly committer: Person;
  readonly message: string;
}

/** Commits that can be reached from `tip` and not from the branch, oldest first. */
export async function newCommits(directory: string, tip: string, branchTip: string): Promise<Commit[]> {
  const range = ['--reverse', '--topo-order', `--max-count=${maxCommits}`, tip, `^${branchTip}`];
  const text = await gitText(['rev-list', ...range], { directory });
  return text === '' ? [] : readCommits(directory, text.split('\n'));
}

/** Three git processes however many commits there are. */
async function readCommits(directory: string, revisions: readonly string[]): Promise<Commit[]> {
  const raw = await readRaw(directory, revisions);
  const parents = [...raw.values()].flatMap((commit) => commit.parents).filter((parent) => !raw.has(parent));
  const outside = parents.length === 0 ? raw : await readRaw(directory, [...new Set(parents)]);
  const files = await readFileChanges(directory, revisions);
  const subjectAt = (revision: string) => subjectOf((raw.get(revision) ?? outside.get(revision))?.message ?? '');
  return revisions.map((revision) => {
    const commit = raw.get(revision);
    if (commit === undefined) throw new Error(`no commit ${revision}`);
    return {
      ...commit,
      revision,
      parents: commit.parents.map((parent) => ({ commit: parent, subject: subjectAt(parent) })),
      files: files.get(revision) ?? [],
    };
  });
}

async function readRaw(directory: string, revisions: readonly string[]): Promise<Map<string, RawCommit>> {
  const output = await git(['cat-file', '--batch'], { directory, input: `${revisions.join('\n')}\n` });
  const commits = new Map<string, RawCommit>();
  let position = 0;
  while (position < output.length) {
    const lineEnd = output.indexOf(10, position);
    const [revision = '', type, size] = output.toString('latin1', position, lineEnd).split(' ');
    if (type !== 'commit') throw new Error(`${revision} is not a commit`);
    const end = lineEnd + 1 + Number(size);
    commits.set(revision, parseCommit(output.toString('utf8', lineEnd + 1, end)));
    position = end + 1;
  }
  return commits;
}

function parseCommit(text: string): RawCommit {
  const split = text.indexOf('\n\n');
  const head = text.slice(0, split).split('\n');
  const values = (name: string) =>
    head.flatMap((line) => (line.startsWith(`${name} `) ? [line.slice(name.length + 1)] : []));
  return {
    tree: values('tree')[0] ?? '',
    parents: values('parent'),
    author: parsePerson(values('author')[0] ?? ''),
    committer: parsePerson(values('committer')[0] ?? ''),
    message: text.slice(split + 2),
  };
}

function parsePerson(line: string): Person {
  const [, name = '', email = '', date = '0', sign = '+', hours = '0', minutes = '0'] =
    /^(.*?) ?<(.*)> (\d+) ([+-])(\d\d)(\d\d)$/.exec(line) ?? [];
  const tz = Number(hours) * 60 + Number(minutes);
  return { name, email, date: Number(date), tz: sign === '-' ? -tz : tz };
}
