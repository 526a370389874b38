import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deflateSync } from 'node:zlib';
import type { Commit, Person } from '../state/model.ts';

/** Writes a commit as a loose object, without a git process: changes are made by the hundred in load tests. */
export function writeCommit(directory: string, commit: Omit<Commit, 'revision'>): Commit {
  const content = Buffer.from(
    [
      `tree ${commit.tree}`,
      ...commit.parents.map((parent) => `parent ${parent.commit}`),
      `author ${signature(commit.author)}`,
      `committer ${signature(commit.committer)}`,
      '',
      commit.message,
    ].join('\n'),
  );
  const object = Buffer.concat([Buffer.from(`commit ${content.length}\0`), content]);
  const revision = createHash('sha1').update(object).digest('hex');
  const path = join(directory, 'objects', revision.slice(0, 2), revision.slice(2));
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(draft, deflateSync(object), { mode: 0o444 });
  renameSync(draft, path);
  return { ...commit, revision };
}

function signature({ name, email, date, tz }: Person): string {
  const minutes = Math.abs(tz);
  const zone = String(Math.floor(minutes / 60) * 100 + (minutes % 60)).padStart(4, '0');
  return `${name} <${email}> ${date} ${tz < 0 ? '-' : '+'}${zone}`;
}
