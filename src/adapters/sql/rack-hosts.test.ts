import { randomUUID } from 'node:crypto';
import { Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createTestDatabase } from '../../../test/test-database.ts';
import type { TestDatabase } from '../../../test/test-database.ts';
import type { HostBorrower, RackHosts } from '../../ports/rack-hosts.ts';
import { createRackHosts } from './rack-hosts.ts';

const rack = 'lab';
const two = ['a', 'b'];

let database: TestDatabase;
let racks: RackHosts;
let elsewhere: { pool: Pool; racks: RackHosts };

beforeEach(async () => {
  database = await createTestDatabase();
  racks = createRackHosts(database.pool);
  const pool = new Pool({ connectionString: database.url });
  elsewhere = { pool, racks: createRackHosts(pool) };
});
afterEach(async () => {
  await elsewhere.pool.end();
  await database.drop();
});

function borrower(): HostBorrower {
  return { owner: 'installation', server: randomUUID(), name: 'sidegate-small' };
}

/** A host that was lent and given back. */
async function givenBack(hosts = two): Promise<{ host: string; server: string }> {
  const { server, ...more } = borrower();
  const loan = await racks.lendHost(rack, hosts, { server, ...more });
  await racks.takeBackHost(rack, server, false);
  return { host: loan!.host, server };
}

/** Lets claims and pauses run out. */
async function later(): Promise<void> {
  await database.pool.query(`update rack_hosts set next_try_at = now()`);
}

async function statesOf(): Promise<Record<string, string>> {
  const { rows } = await database.pool.query<{ host: string; state: string }>(`select host, state from rack_hosts`);
  return Object.fromEntries(rows.map(({ host, state }) => [host, state]));
}

describe('lending', () => {
  test('gives each of many servers that ask at once another host, until none is free', async () => {
    const hosts = ['a', 'b', 'c', 'd', 'e', 'f'];
    const borrowers = Array.from({ length: 10 }, borrower);

    const loans = await Promise.all(
      borrowers.map((one, index) => (index % 2 ? racks : elsewhere.racks).lendHost(rack, hosts, one)),
    );

    const lent = loans.flatMap((loan) => loan?.host ?? []);
    expect(lent.toSorted()).toEqual(hosts);
    expect(loans.filter((loan) => loan === undefined)).toHaveLength(4);
  });

  test('answers the same host to everybody who asks for the same server', async () => {
    const one = borrower();

    const loans = await Promise.all([racks, elsewhere.racks, racks].map((side) => side.lendHost(rack, two, one)));
    const again = await racks.lendHost(rack, two, one);

    expect(new Set([...loans, again].map((loan) => loan?.host)).size).toBe(1);
    expect(await racks.hostsInUse(rack)).toMatchObject([{ state: 'lent', borrower: one }]);
  });

  test('never gives away a host that is no longer configured, or one of another rack', async () => {
    await racks.lendHost('other', ['x'], borrower());
    const first = await racks.lendHost(rack, two, borrower());

    const second = await racks.lendHost(rack, [first!.host], borrower());

    expect(second).toBeUndefined();
    expect(await racks.hostsInUse(rack)).toHaveLength(1);
  });

  test('takes the host that has been free for longest', async () => {
    const { host } = await givenBack();
    for (const reset of await racks.claimResets(rack, two, 10)) await racks.saveHostReset(reset);

    const next = await racks.lendHost(rack, two, borrower());

    expect(next!.host).not.toBe(host);
  });

  test('that was never used is undone by a reset like any other: the process died in between', async () => {
    const one = borrower();
    const loan = await racks.lendHost(rack, ['a'], one);

    const host = await elsewhere.racks.takeBackHost(rack, one.server, false);
    const meanwhile = await racks.lendHost(rack, ['a'], borrower());
    const late = await racks.lendHost(rack, ['a'], one);

    expect([loan!.host, host, meanwhile]).toEqual(['a', 'a', undefined]);
    expect(late).toMatchObject({ host: 'a', state: 'resetting' });
  });
});

describe('giving back', () => {
  test('hits only the lending it is meant for, however late it comes', async () => {
    const { server } = await givenBack(['a']);
    for (const reset of await racks.claimResets(rack, two, 10)) await racks.saveHostReset(reset);
    const next = borrower();
    await racks.lendHost(rack, ['a'], next);

    const late = await racks.takeBackHost(rack, server, false);

    expect(late).toBeUndefined();
    expect(await racks.hostsInUse(rack)).toMatchObject([{ state: 'lent', borrower: next }]);
  });

  test('with nobody who waits leaves a host that is to be reset and belongs to nobody', async () => {
    const one = borrower();
    await racks.lendHost(rack, two, one);

    const host = await racks.takeBackHost(rack, one.server, true);

    expect(host).toBeUndefined();
    expect(await racks.hostsInUse(rack)).toMatchObject([{ state: 'resetting', borrower: undefined }]);
    expect(await racks.claimResets(rack, two, 10)).toHaveLength(1);
  });

  test('of what was never lent is nothing', async () => {
    const host = await racks.takeBackHost(rack, randomUUID(), true);

    expect([host, await racks.hostsInUse(rack)]).toEqual([undefined, []]);
  });
});

describe('a reset', () => {
  test('is done by one of two processes, and by the other when the first is gone', async () => {
    await givenBack(['a']);

    const claims = await Promise.all([racks, elsewhere.racks].map((side) => side.claimResets(rack, two, 10)));
    const none = await racks.claimResets(rack, two, 10);
    await later();
    const [heir] = await racks.claimResets(rack, two, 10);
    const stale = claims.flat()[0]!;
    const renewed = [await racks.renewReset(stale), await racks.renewReset(heir!)];
    await racks.saveHostReset(stale);
    await racks.saveResetFailure(stale, 'too late');

    expect([claims.flat().length, none]).toEqual([1, []]);
    expect(renewed).toEqual([false, true]);
    expect(await racks.hostsInUse(rack)).toMatchObject([{ state: 'resetting', failures: 0 }]);
  });

  test('of hosts that are not configured waits until they are again', async () => {
    const { host } = await givenBack();

    const none = await racks.claimResets(rack, ['z'], 10);
    const again = await racks.claimResets(rack, two, 10);

    expect([none, again]).toMatchObject([[], [{ rack, host }]]);
  });

  test('makes the host free, wakes whoever deletes its server, and has the rack looked at', async () => {
    const { server } = await givenBack();
    await database.pool.query(`insert into clouds (name, next_try_at) values ($1, now() + interval '1 day')`, [rack]);
    await database.pool.query(
      `insert into servers (id, cloud, label, name, state, next_try_at) values ($1, $2, 'small', 'x', 'deleting', now() + interval '1 day')`,
      [server, rack],
    );
    const [reset] = await racks.claimResets(rack, two, 10);

    await racks.saveHostReset(reset!);

    const { rows } = await database.pool.query<{ due: boolean }>(
      `select next_try_at <= now() due from clouds union all select next_try_at <= now() from servers`,
    );
    expect(rows).toEqual([{ due: true }, { due: true }]);
    expect(await statesOf()).toEqual({ a: 'free', b: 'free' });
  });

  test('that fails is tried again after growing pauses, and keeps its words', async () => {
    await givenBack(['a']);
    const pauses: number[] = [];

    for (let turn = 0; turn < 12; turn += 1) {
      await later();
      const [reset] = await racks.claimResets(rack, two, 10);
      await racks.saveResetFailure(reset!, `no power \0 ${turn}`);
      const { rows } = await database.pool.query<{ pause: number }>(
        `select round(extract(epoch from next_try_at - now()))::int pause from rack_hosts where host = 'a'`,
      );
      pauses.push(rows[0]!.pause);
    }

    expect(pauses.every((pause, index) => index === 0 || pause >= pauses[index - 1]!)).toBe(true);
    expect(pauses.at(-1)).toBeGreaterThan(pauses[0]! * 10);
    expect(await racks.claimResets(rack, two, 10)).toEqual([]);
    expect(await racks.hostsInUse(rack)).toMatchObject([{ failures: 12, detail: 'no power \ufffd 11' }]);
  });

  test('begins at most so many at once', async () => {
    const hosts = ['a', 'b', 'c'];
    for (const _ of hosts) await givenBack(hosts);

    const some = await racks.claimResets(rack, hosts, 2);
    const rest = await racks.claimResets(rack, hosts, 2);

    expect([some.length, rest.length]).toEqual([2, 1]);
  });
});
