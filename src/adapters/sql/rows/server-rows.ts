import type { FreeServer } from '../../../domain/admission.ts';
import type { ErrorCode } from '../../../domain/errors.ts';
import type { Topic } from '../../../ports/signals.ts';
import type {
  BootFailure,
  NewServer,
  ServerGroup,
  ServerRecord,
  ServerStore,
  Why,
} from '../../../ports/server-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

/** Seconds a claim keeps others away from a server that is being deleted: more with each attempt, a cloud in trouble is not hammered. */
const claimSeconds = 'least(5 * power(1.5, least(delete_attempts, 10)), 60)';
/** How long a failed boot counts against its place. */
const failureWindow = '10 minutes';

/** Of a server that any build may get. */
const isFree = `state in ('ready', 'building') and purpose = 'build' and build is null`;

/** Marks are text, and in the cloud anybody may have written one. */
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u;

const columns = `id, cloud, zone, label, name, purpose, state, nova_id, address, host_keys, build, image, attempt, tried, created_at, active_at,
  since, delete_attempts, error_code, detail`;

export function serverRows(db: Queryable): ServerStore {
  const select = async (where: string, values: readonly unknown[]) => {
    const { rows } = await db.query<ServerColumns>(
      `select ${columns} from servers where ${where} order by created_at`,
      values,
    );
    return rows.map(toServer);
  };
  return {
    insertServers: async (servers) => {
      if (servers.length === 0) return;
      await insertServers(db, servers);
      await notify(db, 'servers');
    },
    findServer: async (id) => (await select('id = $1', [id]))[0],
    findServers: (ids) => select('id = any($1)', [ids.filter((id) => uuid.test(id))]),
    aliveServers: () => select(`state <> 'deleted'`, []),
    serverGroups: () => serverGroups(db),
    freeServers: (of, limit) => freeServers(db, of, limit),
    overdueServers: (label, age) => overdueServers(db, label, age),
    serversToBoot: (owner, known) => select(`state = 'building' and owner = $1 and id <> all($2)`, [owner, known]),
    recentBootFailures: () => recentBootFailures(db),
    saveNovaId: async (id, novaId) => {
      await db.query(`update servers set nova_id = $2 where id = $1`, [id, novaId]);
    },
    saveServerActive: async (id, imageId) => {
      await db.query(
        `update servers set active_at = now(), image_id = $2 where id = $1 and state = 'building' and active_at is null`,
        [id, imageId ?? null],
      );
    },
    saveServerReady: async (id, address, hostKeys) => {
      const { rows } = await db.query<{ build: string | null }>(
        `update servers set state = 'ready', address = $2, host_keys = $3, since = now(), ready_at = now()
         where id = $1 and state = 'building' returning build`,
        [id, address, JSON.stringify(hostKeys)],
      );
      await notify(db, 'servers', 'queue', 'status', ...waitingFor(rows));
    },
    saveBootLog: async (id, path) => {
      await db.query(`update servers set boot_log = $2 where id = $1`, [id, path]);
    },
    releaseServer: async (id, why) => {
      await notify(db, 'servers', 'status', ...waitingFor(await release(db, id, why)));
    },
    replaceServer: (id, why, next) => replaceServer(db, { id, why, next }),
    claimServersToDelete: (cloud, limit, known = []) => claimServersToDelete(db, { cloud, limit, known }),
    saveServerDeleted: async (id) => {
      await db.query(`update servers set state = 'deleted', since = now() where id = $1`, [id]);
      await notify(db, 'servers', 'slots', 'queue', 'status');
    },
  };
}

async function recentBootFailures(db: Queryable): Promise<readonly BootFailure[]> {
  const { rows } = await db.query<Omit<BootFailure, 'zone'> & { zone: string | null }>(
    `select label, cloud, zone, extract(epoch from now() - since)::float8 * 1000 as age from servers
     where error_code is not null and ready_at is null and since > now() - interval '${failureWindow}'
     order by since desc limit 1000`,
  );
  return rows.map((row) => ({ ...row, zone: optional(row.zone) }));
}

async function claimServersToDelete(
  db: Queryable,
  { cloud, limit, known }: { cloud: string; limit: number; known: readonly string[] },
): Promise<readonly ServerRecord[]> {
  const { rows } = await db.query<ServerColumns>(
    `update servers set next_try_at = now() + make_interval(secs => ${claimSeconds}), delete_attempts = delete_attempts + 1 where id in (
       select id from servers where state = 'deleting' and next_try_at <= now() and cloud = $1 and id <> all($3)
       order by since limit $2 for update skip locked)
     returning ${columns}`,
    [cloud, limit, known],
  );
  return rows.map(toServer);
}

async function overdueServers(db: Queryable, label: string, age: number): Promise<readonly string[]> {
  const { rows } = await db.query<{ id: string }>(
    `select id from servers where ${isFree} and state = 'ready' and label = $1 and since < now() - make_interval(secs => $2)`,
    [label, age / 1000],
  );
  return rows.map(({ id }) => id);
}

async function freeServers(
  db: Queryable,
  { labels, clouds }: Parameters<ServerStore['freeServers']>[0],
  limit: number,
): Promise<readonly FreeServer[]> {
  const { rows } = await db.query<FreeServer>(
    `select id, label, ready from (
       select id, label, state = 'ready' as ready,
         row_number() over (partition by label order by state = 'ready' desc, created_at) as place
       from servers where ${isFree} and label = any($1)
         and cloud = any($3)) free
     where place <= $2 order by place`,
    [labels, limit, clouds],
  );
  return rows;
}

async function serverGroups(db: Queryable): Promise<readonly ServerGroup[]> {
  const { rows } = await db.query<Omit<ServerGroup, 'zone'> & { zone: string | null }>(
    `select s.label, s.cloud, s.zone, count(*)::integer as count,
       (count(*) filter (where ${isFree}))::integer as waiting,
       (count(*) filter (where state = 'building' and build is null))::integer as booting,
       extract(epoch from max(s.created_at))::float8 * 1000 as "createdAt"
     from servers s left join clouds c on c.name = s.cloud where s.state <> 'deleted'
     group by s.label, s.cloud, s.zone, s.created_at > c.checked_at`,
  );
  return rows.map((row) => ({ ...row, zone: optional(row.zone) }));
}

async function insertServers(db: Queryable, servers: readonly NewServer[]): Promise<void> {
  await db.query(
    `insert into servers (id, cloud, zone, label, name, owner, purpose, image, attempt, tried, state)
     select id, cloud, zone, label, name, owner, purpose, image, attempt, tried, 'building' from jsonb_to_recordset($1::jsonb)
       as s(id uuid, cloud text, zone text, label text, name text, owner uuid, purpose text, image uuid, attempt integer, tried jsonb)
     on conflict do nothing`,
    [JSON.stringify(servers)],
  );
}

/** The server of a build, if there is one. */
type Released = readonly { readonly build: string | null }[];

/** None when it was released before. */
async function release(db: Queryable, id: string, why: Why): Promise<Released> {
  const { rows } = await db.query<Released[number]>(
    `update servers set state = 'deleting', since = now(), next_try_at = now(), error_code = $2, detail = $3
     where id = $1 and state in ('building', 'ready', 'held') returning build`,
    [id, why.code ?? null, why.detail.replaceAll('\0', '\ufffd')],
  );
  return rows;
}

function waitingFor(servers: Released): readonly Topic[] {
  return servers.flatMap(({ build }) => (build === null ? [] : [`server of ${build}` as const]));
}

/** Who released it before had a reason; then nobody waits for another one. */
async function replaceServer(
  db: Queryable,
  { id, why, next }: { id: string; why: Why; next: NewServer },
): Promise<void> {
  // In the order of `finishBuild`, the build first: else a build that ends now and this one would wait for each other.
  await db.query(`select from builds where server = $1 and state = 'running' for no key update`, [id]);
  const released = await release(db, id, why);
  if (released.length > 0) {
    await insertServers(db, [next]);
    await db.query(
      `with old as (select build from servers where id = $1),
       build as (update builds set server = $2 where server = $1 and state = 'running'),
       slot as (update slots set server = $2 where server = $1),
       image as (update images set server = $2 where server = $1)
       update servers set build = old.build from old where servers.id = $2`,
      [id, next.id],
    );
  }
  await notify(db, 'servers', 'status', ...waitingFor(released));
}

interface ServerColumns {
  id: string;
  cloud: string;
  zone: string | null;
  label: string;
  name: string;
  purpose: ServerRecord['purpose'];
  state: ServerRecord['state'];
  nova_id: string | null;
  address: string | null;
  host_keys: readonly string[];
  build: string | null;
  image: string | null;
  attempt: number;
  tried: readonly string[];
  created_at: Date;
  active_at: Date | null;
  since: Date;
  delete_attempts: number;
  error_code: ErrorCode | null;
  detail: string;
}

function toServer(row: ServerColumns): ServerRecord {
  const { id, cloud, label, name, purpose, state, attempt, tried, detail } = row;
  return {
    id,
    cloud,
    label,
    name,
    purpose,
    state,
    attempt,
    tried,
    detail,
    zone: optional(row.zone),
    novaId: optional(row.nova_id),
    address: optional(row.address),
    hostKeys: row.host_keys,
    build: optional(row.build),
    image: optional(row.image),
    createdAt: row.created_at.getTime(),
    activeAt: row.active_at?.getTime(),
    since: row.since.getTime(),
    deleteAttempts: row.delete_attempts,
    errorCode: optional(row.error_code),
  };
}
