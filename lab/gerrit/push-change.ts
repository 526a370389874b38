import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runCommand } from './run-command.ts';

export interface NewPatchset {
  /** Any Gerrit that takes pushes over HTTP, the simulator too. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Must be the account's own, else Gerrit refuses the push; default `USERNAME@example.com`. */
  readonly email?: string;
  readonly project: string;
  readonly branch?: string;
  readonly subject: string;
  readonly body?: string;
  /** Ref of the change it is based on; the branch without. */
  readonly onTopOf?: string;
  /** Path to content; what the commit changes. */
  readonly files: Readonly<Record<string, string>>;
  /** Of the change that gets a new patchset; a new change without. */
  readonly changeId?: string;
  /** Push option, for example `wip` or `topic=x`. */
  readonly option?: string;
}

export interface PushedPatchset {
  readonly project: string;
  readonly change: number;
  readonly patchset: number;
  readonly revision: string;
  readonly ref: string;
  readonly changeId: string;
}

/** Commits on top of the branch and pushes for review, with real git. */
export async function pushChange(patchset: NewPatchset): Promise<PushedPatchset> {
  const branch = patchset.branch ?? 'master';
  const changeId = patchset.changeId ?? `I${randomBytes(20).toString('hex')}`;
  const remote = remoteOf(patchset);
  const folder = await mkdtemp(join(tmpdir(), 'push-change-'));
  const git = (...args: string[]) => runCommand('git', args, { cwd: folder, env: gitEnvironment(patchset) });
  try {
    await git('init', '--quiet');
    await git('fetch', '--quiet', '--depth=1', remote, patchset.onTopOf ?? `refs/heads/${branch}`);
    await git('checkout', '--quiet', '--detach', 'FETCH_HEAD');
    await writeFiles(folder, patchset.files);
    await git('add', '--all');
    const paragraphs = [patchset.subject, patchset.body, `Change-Id: ${changeId}`].filter((text) => text !== undefined);
    await git('commit', '--quiet', '--allow-empty', '--message', paragraphs.join('\n\n'));
    const revision = (await git('rev-parse', 'HEAD')).trim();
    const option = patchset.option === undefined ? '' : `%${patchset.option}`;
    await git('push', '--quiet', remote, `HEAD:refs/for/${branch}${option}`);
    const ref = changeRef(await git('ls-remote', remote, 'refs/changes/*'), revision);
    return { project: patchset.project, changeId, revision, ...ref };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export function remoteOf(patchset: Pick<NewPatchset, 'url' | 'username' | 'password' | 'project'>): string {
  const remote = new URL(`${patchset.url}/a/${patchset.project}`);
  remote.username = patchset.username;
  remote.password = patchset.password;
  return remote.href;
}

/** Nothing of the user's own git configuration takes part. */
export function gitEnvironment(patchset: Pick<NewPatchset, 'username' | 'email'>): NodeJS.ProcessEnv {
  const email = patchset.email ?? `${patchset.username}@example.com`;
  return {
    ...process.env,
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: patchset.username,
    GIT_AUTHOR_EMAIL: email,
    GIT_COMMITTER_NAME: patchset.username,
    GIT_COMMITTER_EMAIL: email,
  };
}

async function writeFiles(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), content);
  }
}

function changeRef(listing: string, revision: string): Pick<PushedPatchset, 'ref' | 'change' | 'patchset'> {
  for (const line of listing.split('\n')) {
    const [commit, ref = ''] = line.split('\t');
    const numbers = /^refs\/changes\/\d+\/(\d+)\/(\d+)$/.exec(ref);
    if (commit === revision && numbers) return { ref, change: Number(numbers[1]), patchset: Number(numbers[2]) };
  }
  throw new Error(`Gerrit took the push and shows no change for ${revision}`);
}
