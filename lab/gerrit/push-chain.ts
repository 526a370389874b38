import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitEnvironment, remoteOf } from './push-change.ts';
import type { NewPatchset } from './push-change.ts';
import { runCommand } from './run-command.ts';

type Pusher = Pick<NewPatchset, 'url' | 'username' | 'password' | 'project'> & { readonly branch: string };

/** Many changes, one on top of the other, in one push. */
export interface Chain {
  readonly topic: string;
  push(): Promise<void>;
  remove(): Promise<void>;
}

export async function prepareChain(pusher: Pusher, length: number): Promise<Chain> {
  const topic = `chain-${randomBytes(4).toString('hex')}`;
  const remote = remoteOf(pusher);
  const folder = await mkdtemp(join(tmpdir(), 'push-chain-'));
  const git = (...args: string[]) => runCommand('git', args, { cwd: folder, env: gitEnvironment(pusher) });
  await git('init', '--quiet');
  await git('fetch', '--quiet', '--depth=1', remote, `refs/heads/${pusher.branch}`);
  const parent = (await git('rev-parse', 'FETCH_HEAD')).trim();
  await writeFile(join(folder, 'commits'), commitStream(pusher.username, parent, length));
  await runCommand('sh', ['-c', 'git fast-import --quiet < commits'], { cwd: folder, env: gitEnvironment(pusher) });
  return {
    topic,
    push: async () => {
      await git('push', '--quiet', remote, `refs/heads/commits:refs/for/${pusher.branch}%topic=${topic}`);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** For `git fast-import`: a process for each commit would take longer than Gerrit. */
function commitStream(username: string, parent: string, length: number): string {
  const now = Math.floor(Date.now() / 1000);
  const commits = Array.from({ length }, (_, index) => {
    const message = `Change ${index + 1} of ${length}\n\nChange-Id: I${randomBytes(20).toString('hex')}\n`;
    const content = `${randomBytes(8).toString('hex')}\n`;
    return [
      'commit refs/heads/commits',
      `mark :${index + 1}`,
      `committer ${username} <${username}@example.com> ${now} +0000`,
      `data ${Buffer.byteLength(message)}`,
      message,
      index === 0 ? `from ${parent}` : `from :${index}`,
      `M 100644 inline chain/${index}.txt`,
      `data ${content.length}`,
      content,
    ].join('\n');
  });
  return `${commits.join('\n')}\n`;
}
