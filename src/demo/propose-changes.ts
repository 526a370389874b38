import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { developerPassword, exampleProject } from './gerrit-seed.ts';
import { root } from './simulators.ts';

const run = promisify(execFile);

export interface Proposal {
  /** File below examples/changes. */
  readonly patch: string;
  /** The vote the sample is right with. */
  readonly expected: number;
}

const proposals: readonly Proposal[] = [
  { patch: '0001-good.patch', expected: 1 },
  { patch: '0002-broken.patch', expected: -1 },
];

export interface ProposedChange extends Proposal {
  readonly changeId: string;
  readonly subject: string;
}

/** Makes a commit of each patch as a developer would, and pushes them for review one right after the other. */
export async function proposeChanges(gerritUrl: string, directory: string): Promise<readonly ProposedChange[]> {
  const commits = await Promise.all(
    proposals.map((proposal) =>
      commitPatch(proposal, gerritUrl, join(directory, proposal.patch.replace('.patch', ''))),
    ),
  );
  await Promise.all(commits.map(({ git }) => git('push', '--quiet', 'origin', 'HEAD:refs/for/master')));
  return commits.map(({ change }) => change);
}

async function commitPatch(proposal: Proposal, gerritUrl: string, folder: string) {
  const patch = join(root, 'examples', 'changes', proposal.patch);
  const remote = new URL(`${gerritUrl}/a/${exampleProject}`);
  remote.username = 'dev';
  remote.password = developerPassword;
  await rm(folder, { recursive: true, force: true });
  await run('git', ['clone', '--quiet', remote.href, folder], { env: gitEnvironment() });
  const git = async (...args: string[]) =>
    (await run('git', args, { cwd: folder, env: gitEnvironment() })).stdout.trim();
  await git('am', '--quiet', '--3way', patch).catch((error: { stderr?: string }) => {
    throw new Error(
      `examples/changes/${proposal.patch} no longer applies to examples/zvm-driver:\n${error.stderr ?? ''}`,
    );
  });
  const changeId = `I${randomBytes(20).toString('hex')}`;
  const message = await git('log', '-1', '--format=%B');
  await git('commit', '--quiet', '--amend', '--message', `${message.trim()}\n\nChange-Id: ${changeId}`);
  return { git, change: { ...proposal, changeId, subject: message.split('\n')[0] ?? '' } };
}

/** The user's own git settings (signing, hooks, templates) take no part. */
function gitEnvironment(): NodeJS.ProcessEnv {
  const person = { NAME: 'Dee Veloper', EMAIL: 'dev@example.com' };
  return {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: person.NAME,
    GIT_AUTHOR_EMAIL: person.EMAIL,
    GIT_COMMITTER_NAME: person.NAME,
    GIT_COMMITTER_EMAIL: person.EMAIL,
  };
}
