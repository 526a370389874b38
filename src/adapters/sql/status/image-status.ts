import type { ImageRow } from '../../../ports/status.ts';
import type { Queryable } from '../connect.ts';
import { isoOf } from './iso.ts';

const shownImages = 200;

/** Failed ones have left nothing in the cloud, but their consoles are worth a look. */
export async function images(db: Queryable): Promise<readonly ImageRow[]> {
  const { rows } = await db.query<ImageColumns>(
    `select id, label, cloud, name, state, requested_by, log_path, logs_deleted_at, detail, created_at, promoted_at, good_builds, bad_builds
     from (select * from images where state <> 'deleted' order by created_at desc limit ${shownImages}) i
     order by label, cloud, created_at desc, id`,
  );
  return rows.map((row) => ({
    id: row.id,
    label: row.label,
    cloud: row.cloud,
    name: row.name,
    state: row.state,
    requestedBy: row.requested_by,
    logPath: row.logs_deleted_at === null ? row.log_path : undefined,
    detail: row.detail,
    createdAt: row.created_at.toISOString(),
    promotedAt: isoOf(row.promoted_at),
    goodBuilds: row.good_builds,
    badBuilds: row.bad_builds,
  }));
}

interface ImageColumns {
  id: string;
  label: string;
  cloud: string;
  name: string;
  state: ImageRow['state'];
  requested_by: string;
  log_path: string;
  logs_deleted_at: Date | null;
  detail: string;
  created_at: Date;
  promoted_at: Date | null;
  good_builds: number;
  bad_builds: number;
}
