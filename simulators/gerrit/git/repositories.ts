import { appendFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { git, gitText } from './run.ts';
import type { Seed } from '../state/seed.ts';

const identity = {
  GIT_AUTHOR_NAME: 'Gerrit Code Review',
  GIT_AUTHOR_EMAIL: 'gerrit@localhost',
  GIT_COMMITTER_NAME: 'Gerrit Code Review',
  GIT_COMMITTER_EMAIL: 'gerrit@localhost',
};

/** Where pushes wait until they have become changes; never shown to anybody. */
export const pushedRefs = 'refs/pushes/';

const configuration = `[receive]
	hideRefs = refs/changes
	autogc = false
	advertisePushOptions = false
[uploadpack]
	hideRefs = refs/pushes
	allowAnySHA1InWant = true
[gc]
	auto = 0
`;

/** The bare repositories, one per project. Writes to one repository wait for each other. */
export class Repositories {
  readonly root: string;
  readonly #names = new Set<string>();
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(directory: string) {
    this.root = join(directory, 'git');
    mkdirSync(this.root, { recursive: true });
  }

  has(project: string): boolean {
    return this.#names.has(project);
  }

  names(): string[] {
    return [...this.#names].toSorted();
  }

  path(project: string): string {
    return join(this.root, `${project}.git`);
  }

  /** Creates what is missing and sweeps what a killed push left behind. */
  async settle(projects: Seed['projects']): Promise<void> {
    for (const project of projects) {
      await (existsSync(join(this.path(project.name), 'sidegate-ready'))
        ? this.#sweep(project.name)
        : this.#create(project));
      this.#names.add(project.name);
    }
  }

  /** One writer per repository at a time, in the order they came. */
  async exclusively<T>(project: string, work: () => Promise<T>): Promise<T> {
    const before = this.#turns.get(project) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#turns.set(
      project,
      mine.catch(() => undefined),
    );
    return mine;
  }

  async #sweep(project: string): Promise<void> {
    const directory = this.path(project);
    const refs = await gitText(['for-each-ref', '--format=delete %(refname)', pushedRefs], { directory });
    if (refs !== '') await git(['update-ref', '--stdin'], { directory, input: `${refs}\n` });
  }

  async #create(project: Seed['projects'][number]): Promise<void> {
    const directory = this.path(project.name);
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true });
    const [first = 'master'] = project.branches;
    await git(['init', '--quiet', '--bare', `--initial-branch=${first}`], { directory });
    appendFileSync(join(directory, 'config'), configuration);
    const commit = await firstCommit(directory, project.files);
    const input = project.branches.map((branch) => `create refs/heads/${branch} ${commit}\n`).join('');
    await git(['update-ref', '--stdin'], { directory, input });
    mkdirSync(join(directory, 'sidegate-ready'));
  }
}

async function firstCommit(directory: string, files: string | undefined): Promise<string> {
  const index = { GIT_INDEX_FILE: join(directory, 'first-index') };
  if (files !== undefined) {
    await git(['--git-dir', directory, '--work-tree', files, 'add', '--all', '--force', '.'], {
      directory: files,
      environment: index,
    });
  }
  const tree = await gitText(['write-tree'], { directory, environment: index });
  rmSync(index.GIT_INDEX_FILE, { force: true });
  const message = files === undefined ? 'Initial empty repository\n' : 'Initial import\n';
  return gitText(['commit-tree', tree], { directory, input: message, environment: identity });
}
