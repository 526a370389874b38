import type { Pool } from 'pg';
import { claimTime } from '../../ports/rack-hosts.ts';
import type { HostBorrower, HostLoan, HostReset, RackHosts } from '../../ports/rack-hosts.ts';
import { inTransaction, optional } from './connect.ts';
import type { Queryable } from './connect.ts';
import { notify } from './notify.ts';

const claimInterval = `${claimTime / 1000} seconds`;
/** Pause after a failed reset: 5 s, 10 s, … up to 10 minutes. */
const failurePause = `make_interval(secs => least(5 * power(2, least(failures, 10)), 600))`;
const mine = `rack = $1 and host = $2 and reset = $3 and state = 'resetting'`;

export function createRackHosts(pool: Pool): RackHosts {
  const db: Queryable = pool;
  return {
    lendHost: (rack, hosts, borrower) => inTransaction(pool, (tx) => lendHost(tx, rack, hosts, borrower)),
    hostsInUse: async (rack) => {
      const { rows } = await db.query<LoanColumns>(
        `select ${columns} from rack_hosts where rack = $1 and state <> 'free' order by host`,
        [rack],
      );
      return rows.map(toLoan);
    },
    takeBackHost: (rack, server, forget) => inTransaction(pool, (tx) => takeBackHost(tx, rack, server, forget)),
    claimResets: async (rack, hosts, limit) => {
      const { rows } = await db.query<HostReset>(
        `update rack_hosts set reset = gen_random_uuid(), next_try_at = now() + interval '${claimInterval}' where (rack, host) in (
           select rack, host from rack_hosts where rack = $1 and host = any($2) and state = 'resetting' and next_try_at <= now()
           order by next_try_at limit $3 for update skip locked)
         returning rack, host, reset as id`,
        [rack, hosts, limit],
      );
      return rows;
    },
    renewReset: async ({ rack, host, id }) => {
      const { rowCount } = await db.query(
        `update rack_hosts set next_try_at = now() + interval '${claimInterval}' where ${mine}`,
        [rack, host, id],
      );
      return rowCount === 1;
    },
    saveHostReset: (reset) => inTransaction(pool, (tx) => saveHostReset(tx, reset)),
    saveResetFailure: async ({ rack, host, id }, detail) => {
      await db.query(
        `update rack_hosts set failures = failures + 1, detail = $4, reset = null, next_try_at = now() + ${failurePause} where ${mine}`,
        [rack, host, id, storable(detail)],
      );
    },
  };
}

async function lendHost(
  tx: Queryable,
  rack: string,
  hosts: readonly string[],
  borrower: HostBorrower,
): Promise<HostLoan | undefined> {
  // One lending at a time: two that look for a free host at once would both wait for the same row, and one would find none.
  await tx.query(`select pg_advisory_xact_lock(hashtextextended('rack ' || $1, 0))`, [rack]);
  const earlier = await loanOf(tx, rack, borrower.server);
  if (earlier) return earlier;
  await tx.query(`insert into rack_hosts (rack, host) select $1, unnest($2::text[]) on conflict do nothing`, [
    rack,
    hosts,
  ]);
  const { rows } = await tx.query<LoanColumns>(
    `update rack_hosts set state = 'lent', owner = $3, server = $4, server_name = $5, since = now(), failures = 0, detail = '', reset = null
     where rack = $1 and host =
       (select host from rack_hosts where rack = $1 and host = any($2) and state = 'free' order by since, host limit 1 for update)
     returning ${columns}`,
    [rack, hosts, borrower.owner, borrower.server, storable(borrower.name)],
  );
  return rows.map(toLoan)[0];
}

async function takeBackHost(tx: Queryable, rack: string, server: string, forget: boolean): Promise<string | undefined> {
  await tx.query(
    `update rack_hosts set state = 'resetting', since = now(), next_try_at = now() where rack = $1 and server = $2 and state = 'lent'`,
    [rack, server],
  );
  if (forget)
    await tx.query(
      `update rack_hosts set owner = null, server = null, server_name = null where rack = $1 and server = $2`,
      [rack, server],
    );
  return (await loanOf(tx, rack, server))?.host;
}

/** Whoever waits for the host, or for its server's end, learns it at once. */
async function saveHostReset(tx: Queryable, { rack, host, id }: HostReset): Promise<void> {
  const { rows } = await tx.query<{ server: string | null }>(
    `with old as (select rack, host, server from rack_hosts where ${mine} for update)
     update rack_hosts r set state = 'free', owner = null, server = null, server_name = null, since = now(), failures = 0, detail = '', reset = null
     from old where r.rack = old.rack and r.host = old.host returning old.server`,
    [rack, host, id],
  );
  const server = rows[0]?.server;
  if (server) await tx.query(`update servers set next_try_at = now() where id = $1 and state = 'deleting'`, [server]);
  await tx.query(`update clouds set next_try_at = now() where name = $1`, [rack]);
  await notify(tx, 'servers', 'clouds', 'status');
}

async function loanOf(tx: Queryable, rack: string, server: string): Promise<HostLoan | undefined> {
  const { rows } = await tx.query<LoanColumns>(`select ${columns} from rack_hosts where rack = $1 and server = $2`, [
    rack,
    server,
  ]);
  return rows.map(toLoan)[0];
}

const columns = `host, state, owner, server, server_name, failures, detail, next_try_at`;

interface LoanColumns {
  host: string;
  state: HostLoan['state'];
  owner: string | null;
  server: string | null;
  server_name: string | null;
  failures: number;
  detail: string;
  next_try_at: Date;
}

function toLoan(row: LoanColumns): HostLoan {
  const { host, state, failures, detail } = row;
  const [owner, server] = [optional(row.owner), optional(row.server)];
  const borrower =
    owner === undefined || server === undefined ? undefined : { owner, server, name: row.server_name ?? '' };
  return { host, state, failures, detail, borrower, nextTryAt: row.next_try_at.getTime() };
}

/** PostgreSQL takes no NUL. */
function storable(text: string): string {
  return text.slice(0, 1000).toWellFormed().replaceAll('\0', '\ufffd');
}
