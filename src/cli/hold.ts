import { readFile } from 'node:fs/promises';
import { findBuildId } from '../adapters/sql/status/build-detail.ts';
import { findHoldId } from '../adapters/sql/rows/hold-rows.ts';
import { parseDuration } from '../config/units.ts';
import { SidegateError, errorText } from '../domain/errors.ts';
import { oneLine } from '../domain/sanitize.ts';
import { remoteHostOf } from '../flow/remote-host.ts';
import { requestHold } from '../flow/request-hold.ts';
import type { HoldRecord } from '../ports/hold-store.ts';
import { withState } from './open-state.ts';
import type { State } from './open-state.ts';
import { personAtTerminal } from './person-at-terminal.ts';

export interface HoldOptions {
  readonly config: string;
  readonly build?: string;
  readonly project?: string;
  readonly change?: number;
  readonly job?: string;
  readonly key?: string;
  readonly reason?: string;
  readonly ttl?: string;
  readonly by?: string;
}

/** Holds shown, ended ones included. */
const shownHolds = 50;

/** `sidegate hold`. */
export async function hold(options: HoldOptions): Promise<void> {
  const sshKey = await readKey(options.key);
  const ttl = options.ttl === undefined ? undefined : parseDuration(options.ttl);
  if (options.ttl !== undefined && ttl === undefined)
    throw new SidegateError('hold-refused', `--ttl ${oneLine(options.ttl, 50)} is no duration such as 90m or 4h.`);
  await withState(options.config, async ({ configuration, database, store }) => {
    const id = await requestHold(
      { store, settings: configuration.settings },
      {
        build:
          options.build === undefined
            ? undefined
            : ((await findBuildId(database.pool, options.build)) ?? options.build),
        project: options.project,
        changeNumber: options.change,
        job: options.job,
        reason: options.reason ?? '',
        requestedBy: options.by ?? personAtTerminal(),
        sshKey,
        ttl,
      },
    );
    console.log(
      `Hold ${id.slice(0, 7)} waits for its build. \`sidegate hold list\` tells how to log in once a server is held.`,
    );
  });
}

/** `sidegate hold list`. */
export async function listHolds(options: { config: string }): Promise<void> {
  await withState(options.config, async (state) => {
    for (const one of await state.store.holds(shownHolds)) {
      console.log(holdLine(one));
      if (one.state === 'holding') for (const line of await loginLines(state, one)) console.log(`         ${line}`);
      if (one.detail !== '') console.log(`         ${oneLine(one.detail, 300)}`);
    }
  });
}

/** `sidegate hold release ID`. */
export async function releaseHold(start: string, options: { config: string }): Promise<void> {
  await withState(options.config, async ({ database, store }) => {
    const id = await findHoldId(database.pool, start);
    if (id === undefined)
      throw new SidegateError(
        'not-found',
        `Hold ${start}: give its id, or at least seven digits that only one hold begins with.`,
      );
    const ended = await store.endHold(id, personAtTerminal());
    console.log(ended ? `Hold ${id.slice(0, 7)} has ended.` : `Hold ${id.slice(0, 7)} had ended before.`);
  });
}

async function readKey(file: string | undefined): Promise<string> {
  if (file === undefined) throw new SidegateError('hold-refused', 'Name the file of your SSH public key with --key.');
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new SidegateError('hold-refused', `--key: ${errorText(error)}`, { cause: error });
  }
}

function holdLine(one: HoldRecord): string {
  const time = new Date(one.endedAt ?? one.until).toISOString().slice(0, 16);
  const now = one.state === 'ended' ? `ended ${time} (${one.endedBy ?? ''})` : `${one.state} until ${time}`;
  return `${one.id.slice(0, 7)}  ${oneLine(`${now}  ${whatOf(one)}  for ${one.requestedBy}: ${one.reason}`, 1000)}`;
}

function whatOf({ build, heldBuild, project, changeNumber, job }: HoldRecord): string {
  const named = heldBuild ?? build;
  if (named !== undefined) return `build ${named.slice(0, 7)}`;
  const change = changeNumber === undefined ? undefined : `change ${changeNumber}`;
  const words = [project, change, job].filter((word) => word !== undefined);
  return words.length === 0 ? 'any build that fails' : `failure of ${words.join(' ')}`;
}

/** How to log in, and the host keys to expect there. */
async function loginLines({ configuration, store }: State, one: HoldRecord): Promise<readonly string[]> {
  const server = one.server === undefined ? undefined : await store.findServer(one.server);
  const host = server && remoteHostOf(configuration, server);
  if (!host) return [];
  const known = host.port === 22 ? host.address : `[${host.address}]:${host.port}`;
  return [
    `${one.keyAdded ? 'log in' : 'soon'}: ssh -p ${host.port} ${host.user}@${host.address}`,
    ...host.hostKeys.map((key) => `known_hosts: ${known} ${key}`),
  ];
}
