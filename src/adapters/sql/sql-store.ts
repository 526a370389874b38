import type { Pool } from 'pg';
import type { Store } from '../../ports/store.ts';
import { inTransaction } from './connect.ts';
import type { Queryable } from './connect.ts';
import { buildRows } from './rows/build-rows.ts';
import { buildsetRows } from './rows/buildset-rows.ts';
import { cloudRows } from './rows/cloud-rows.ts';
import { dependencyRows } from './rows/dependency-rows.ts';
import { holdRows } from './rows/hold-rows.ts';
import { imageRows } from './rows/image-rows.ts';
import { journalRows } from './rows/journal-rows.ts';
import { leftCloudRows } from './rows/left-cloud-rows.ts';
import { leftoverRows } from './rows/leftover-rows.ts';
import { logRows } from './rows/log-rows.ts';
import { noticeRows } from './rows/notice-rows.ts';
import { operatorRows } from './rows/operator-rows.ts';
import { reportRows } from './rows/report-rows.ts';
import { serverRows } from './rows/server-rows.ts';
import { backendRows } from './rows/backend-rows.ts';
import { guardRows } from './rows/guard-rows.ts';
import { signatureHitRows } from './rows/signature-hit-rows.ts';
import { slotRows } from './rows/slot-rows.ts';
import { triggerRows } from './rows/trigger-rows.ts';
import { uploadRows } from './rows/upload-rows.ts';

export function createSqlStore(pool: Pool): Store {
  return storeOn(pool, (work) => inTransaction(pool, (client) => work(transactionStore(client))));
}

/** Within a transaction, another one is the same one. */
function transactionStore(client: Queryable): Store {
  const store: Store = storeOn(client, (work) => work(store));
  return store;
}

function storeOn(db: Queryable, transaction: Store['transaction']): Store {
  return {
    ...journalRows(db),
    ...triggerRows(db),
    ...buildsetRows(db),
    ...buildRows(db),
    ...signatureHitRows(db),
    ...dependencyRows(db),
    ...serverRows(db),
    ...cloudRows(db),
    ...imageRows(db),
    ...leftCloudRows(db),
    ...leftoverRows(db),
    ...holdRows(db),
    ...slotRows(db),
    ...guardRows(db),
    ...backendRows(db),
    ...reportRows(db),
    ...operatorRows(db),
    ...logRows(db),
    ...uploadRows(db),
    ...noticeRows(db),
    transaction,
    lock: async (name) => {
      await db.query(`select pg_advisory_xact_lock(hashtextextended($1, 0))`, [name]);
    },
    commitLazily: async () => {
      await db.query(`set local synchronous_commit = off`);
    },
  };
}
