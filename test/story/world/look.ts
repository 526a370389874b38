import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import { sleep } from '../../../src/shared/clock.ts';
import type { World } from './world.ts';

export interface OwnComment {
  readonly message: string;
  readonly tag: string | undefined;
  readonly patchset: number;
}

export interface ChangeView {
  /** The CI's comments, oldest first. */
  readonly comments: readonly OwnComment[];
  /** The CI's vote on Verified; 0 when there is none. */
  readonly verified: number;
}

interface ChangeInfo {
  readonly labels: Readonly<
    Record<string, { readonly all?: readonly { readonly username?: string; readonly value?: number }[] }>
  >;
  readonly messages: readonly {
    readonly author?: { readonly username?: string };
    readonly message: string;
    readonly tag?: string;
    readonly _revision_number: number;
  }[];
}

/** What Gerrit says about a change; `account` is the CI's. */
export async function lookAt(
  world: Pick<World, 'gerrit'>,
  pushed: PushedPatchset,
  account = 'zvm-ci',
): Promise<ChangeView> {
  const { username, password } = world.gerrit.accounts.admin;
  const path = `/a/changes/${encodeURIComponent(pushed.project)}~${pushed.change}?o=DETAILED_LABELS&o=MESSAGES&o=DETAILED_ACCOUNTS`;
  const response = await fetch(world.gerrit.url + path, {
    headers: { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` },
  });
  const info = JSON.parse((await response.text()).replace(/^\)\]\}'/, '')) as ChangeInfo;
  return {
    comments: info.messages
      .filter(({ author }) => author?.username === account)
      .map(({ message, tag, _revision_number: patchset }) => ({ message, tag, patchset })),
    verified: info.labels['Verified']?.all?.find(({ username: name }) => name === account)?.value ?? 0,
  };
}

/** Asks until the answer is good. Fails with the last answer: a story never waits for a fixed time. */
export async function until<T>(ask: () => Promise<T>, good: (answer: T) => boolean, patience = 60_000): Promise<T> {
  const deadline = Date.now() + patience;
  let last: unknown = 'no answer';
  while (Date.now() < deadline) {
    const answer = await ask().catch((error: unknown) => {
      last = error;
      return undefined;
    });
    if (answer !== undefined) {
      if (good(answer)) return answer;
      last = answer;
    }
    await sleep(100);
  }
  throw new Error(
    `still not so after ${patience} ms: ${last instanceof Error ? last.stack : JSON.stringify(last, null, 1)}`,
  );
}

/** Waits until the change has so many comments of the CI. */
export function commented(world: World, pushed: PushedPatchset, count = 1, patience?: number): Promise<ChangeView> {
  return until(
    () => lookAt(world, pushed),
    ({ comments }) => comments.length >= count,
    patience,
  );
}

type RemainsWorld = Pick<World, 'zvm' | 'database' | 'cloudClient'>;

export interface Remains {
  readonly servers: readonly string[];
  readonly guests: readonly string[];
  readonly slots: readonly string[];
}

/** What is left on cloud and z/VM and in the slots; asked of the simulators and the database, not of sidegate. */
export async function remains(world: RemainsWorld): Promise<Remains> {
  const { output } = (await (await fetch(`${world.zvm.ready.url}/host/guests`)).json()) as {
    output: readonly string[];
  };
  const servers = await world.database.pool.query<{ name: string }>(
    `select name from servers where state <> 'deleted'`,
  );
  const slots = await world.database.pool.query<{ prefix: string }>(`select prefix from slots where state <> 'free'`);
  return {
    servers: [...servers.rows.map(({ name }) => name), ...(await cloudRemains(world))],
    guests: output.filter((userid) => userid.startsWith('ZA')),
    slots: slots.rows.map(({ prefix }) => prefix),
  };
}

/** Everything of ours in the cloud but the keypair, which the next start uses again: `KIND NAME`. */
async function cloudRemains(world: RemainsWorld): Promise<readonly string[]> {
  const { rows } = await world.database.pool.query<{ id: string }>(`select id from installation`);
  const marked = await world.cloudClient.listMarked(rows[0]!.id);
  return marked.filter(({ kind }) => kind !== 'keypair').map(({ kind, name }) => `${kind} ${name}`);
}

/** A file of the logs that the last comment leads to. */
export function logOf(
  { directory }: Pick<World, 'directory'>,
  { comments }: Pick<ChangeView, 'comments'>,
  name: string,
): Promise<string> {
  const [, path = ''] = /\/logs\/(\S+?)\/? : /.exec(comments.at(-1)?.message ?? '') ?? [];
  return readFile(join(directory, 'logs', path, name), 'utf8');
}

export const nothing: Remains = { servers: [], guests: [], slots: [] };
