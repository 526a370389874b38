import type { ErrorCode } from '../../../domain/errors.ts';
import type { ServerRecord, ServerStore } from '../../../ports/store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

/** Seconds a claim keeps others away from a server that is being deleted. */
const claimSeconds = 5;

const columns = 'id, cloud, label, name, state, nova_id, address, host_keys, build, created_at, error_code, detail';

export function serverRows(db: Queryable): ServerStore {
  const select = async (where: string, values: readonly unknown[]) => {
    const { rows } = await db.query<ServerColumns>(
      `select ${columns} from servers where ${where} order by created_at`,
      values,
    );
    return rows.map(toServer);
  };
  return {
    insertServer: async (server) => {
      await db.query(
        `insert into servers (id, cloud, label, name, owner, state) values ($1, $2, $3, $4, $5, 'building') on conflict do nothing`,
        [server.id, server.cloud, server.label, server.name, server.owner],
      );
      await notify(db, 'servers');
    },
    findServer: async (id) => (await select('id = $1', [id]))[0],
    aliveServers: () => select(`state <> 'deleted'`, []),
    serversToBoot: (owner) => select(`state = 'building' and owner = $1`, [owner]),
    saveNovaId: async (id, novaId) => {
      await db.query(`update servers set nova_id = $2 where id = $1`, [id, novaId]);
    },
    saveServerReady: async (id, address, hostKeys) => {
      await db.query(
        `update servers set state = 'ready', address = $2, host_keys = $3, since = now() where id = $1 and state = 'building'`,
        [id, address, JSON.stringify(hostKeys)],
      );
      await notify(db, 'servers', 'queue', 'status');
    },
    releaseServer: async (id, why) => {
      await db.query(
        `update servers set state = 'deleting', since = now(), next_try_at = now(), error_code = $2, detail = $3
         where id = $1 and state in ('building', 'ready')`,
        [id, why.code ?? null, why.detail.replaceAll('\0', '\ufffd')],
      );
      await notify(db, 'servers', 'status');
    },
    claimServersToDelete: async (limit) => {
      const { rows } = await db.query<ServerColumns>(
        `update servers set next_try_at = now() + make_interval(secs => ${claimSeconds}) where id in (
           select id from servers where state = 'deleting' and next_try_at <= now() order by since limit $1 for update skip locked)
         returning ${columns}`,
        [limit],
      );
      return rows.map(toServer);
    },
    saveServerDeleted: async (id) => {
      await db.query(`update servers set state = 'deleted', since = now() where id = $1`, [id]);
      await notify(db, 'servers', 'slots', 'queue', 'status');
    },
  };
}

interface ServerColumns {
  id: string;
  cloud: string;
  label: string;
  name: string;
  state: ServerRecord['state'];
  nova_id: string | null;
  address: string | null;
  host_keys: readonly string[];
  build: string | null;
  created_at: Date;
  error_code: ErrorCode | null;
  detail: string;
}

function toServer(row: ServerColumns): ServerRecord {
  const { id, cloud, label, name, state, detail } = row;
  return {
    id,
    cloud,
    label,
    name,
    state,
    novaId: optional(row.nova_id),
    address: optional(row.address),
    hostKeys: row.host_keys,
    build: optional(row.build),
    createdAt: row.created_at.getTime(),
    errorCode: optional(row.error_code),
    detail,
  };
}
