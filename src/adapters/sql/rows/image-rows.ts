import { SidegateError } from '../../../domain/errors.ts';
import type {
  BuildImage,
  ImageChange,
  ImageLease,
  ImageRecord,
  ImageStore,
  NewImage,
} from '../../../ports/image-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

const columns = `id, label, cloud, name, state, image_id, server, requested_by, log_path, detail, epoch, created_at, since, promoted_at,
  good_builds, bad_builds`;
const inWork = `state in ('preparing', 'snapshotting', 'testing')`;
/** Seconds a claim keeps others away from an image that is being deleted. */
const claimSeconds = 30;

export function imageRows(db: Queryable): ImageStore {
  const select = async (rest: string, values: readonly unknown[] = []) => {
    const { rows } = await db.query<ImageColumns>(`select ${columns} from images ${rest}`, values);
    return rows.map(toImage);
  };
  return {
    findImage: async (id) => (await select('where id = $1', [id]))[0],
    activeImage: async (label, cloud) =>
      (await select(`where label = $1 and cloud = $2 and state = 'active'`, [label, cloud]))[0],
    liveImages: () => select('where gone_at is null order by created_at desc'),
    recentImages: (limit) => select('order by created_at desc limit $1', [limit]),
    newestImages: async () => {
      const { rows } = await db.query<{ label: string; cloud: string; created_at: Date }>(
        `select label, cloud, max(created_at) as created_at from images group by label, cloud`,
      );
      return rows.map(({ label, cloud, created_at: at }) => ({ label, cloud, createdAt: at.getTime() }));
    },
    insertImage: (image) => insertImage(db, image),
    imagesToBuild: (owner) => imagesToBuild(db, owner),
    takeImage: async (id, owner) => {
      const { rows } = await db.query<ImageColumns>(
        `update images set owner = $2, epoch = epoch + 1 where id = $1 and ${inWork} returning ${columns}`,
        [id, owner],
      );
      return rows.map(toImage)[0];
    },
    moveImage: (lease, change) => moveImage(db, lease, change),
    saveSnapshot: async (lease, imageId) => {
      const values = [lease.image, lease.epoch, imageId];
      await ofLease(db, lease, `update images set image_id = $3 where id = $1 and epoch = $2 and ${inWork}`, values);
    },
    promoteImage: (lease) => promoteImage(db, lease),
    takeBackImage: (id, detail) => takeBackImage(db, id, detail),
    dropImage: async (id, detail) => {
      await db.query(
        `update images set state = 'deleted', since = now(), detail = $2 where id = $1 and state = 'retired'`,
        [id, detail],
      );
      await notify(db, 'images', 'status');
    },
    imageOfBuild: (buildId) => imageOfBuild(db, buildId),
    countOnImage: async (id, outcome) => {
      const column = outcome === 'good' ? 'good_builds' : 'bad_builds';
      await db.query(`update images set ${column} = ${column} + 1 where id = $1`, [id]);
      if (outcome === 'bad') await notify(db, 'images', 'status');
    },
    sharesHostKey: (serverId) => sharesHostKey(db, serverId),
    claimImagesToDelete: (limit) => claimImagesToDelete(db, limit),
    saveImageGone: async (id) => {
      await db.query(`update images set gone_at = now() where id = $1 and state in ('failed', 'deleted')`, [id]);
      await notify(db, 'status');
    },
  };
}

async function insertImage(db: Queryable, image: NewImage): Promise<boolean> {
  const { id, label, cloud, name, requestedBy, logPath } = image;
  const { rowCount } = await db.query(
    `insert into images (id, label, cloud, name, requested_by, log_path, state) values ($1, $2, $3, $4, $5, $6, 'preparing')
     on conflict (label, cloud) where ${inWork} do nothing`,
    [id, label, cloud, name, requestedBy, logPath],
  );
  await notify(db, 'images', 'status');
  return rowCount === 1;
}

async function imagesToBuild(db: Queryable, owner: string): Promise<readonly string[]> {
  await db.query(`update images set owner = $1 where owner is null and ${inWork}`, [owner]);
  const { rows } = await db.query<{ id: string }>(
    `select id from images where owner = $1 and ${inWork} order by created_at`,
    [owner],
  );
  return rows.map(({ id }) => id);
}

async function moveImage(db: Queryable, lease: ImageLease, { state, server, detail }: ImageChange): Promise<void> {
  await ofLease(
    db,
    lease,
    `update images set state = $3, since = case when state = $3 then since else now() end, server = $4, detail = $5
     where id = $1 and epoch = $2 and ${inWork}`,
    [lease.image, lease.epoch, state, server ?? null, detail.slice(0, 2000).replaceAll('\0', '\ufffd')],
  );
  await notify(db, 'images', 'status');
}

/** The one before gives way first: there is one active image of a label in a cloud. */
async function promoteImage(db: Queryable, lease: ImageLease): Promise<void> {
  await db.query(
    `update images set state = 'retired', since = now() where state = 'active'
       and (label, cloud) = (select label, cloud from images where id = $1)`,
    [lease.image],
  );
  await ofLease(
    db,
    lease,
    `update images set state = 'active', since = now(), promoted_at = now(), server = null, detail = ''
     where id = $1 and epoch = $2 and state = 'testing'`,
    [lease.image, lease.epoch],
  );
  await notify(db, 'images', 'status');
}

async function takeBackImage(db: Queryable, id: string, detail: string): ReturnType<ImageStore['takeBackImage']> {
  const { rows: undone } = await db.query<{ label: string; cloud: string }>(
    `update images set state = 'failed', since = now(), detail = $2 where id = $1 and state = 'active' returning label, cloud`,
    [id, detail],
  );
  const [line] = undone;
  if (!line) return { undone: false, next: undefined };
  const { rows: next } = await db.query<ImageColumns>(
    `update images set state = 'active', since = now() where id =
       (select id from images where label = $1 and cloud = $2 and state = 'retired' order by promoted_at desc limit 1)
     returning ${columns}`,
    [line.label, line.cloud],
  );
  await db.query(
    `update servers set state = 'deleting', since = now(), next_try_at = now(), detail = $2
     where image = $1 and build is null and purpose = 'build' and state in ('building', 'ready')`,
    [id, 'Its image was taken back.'],
  );
  await notify(db, 'images', 'servers', 'status');
  return { undone: true, next: next.map(toImage)[0] };
}

async function imageOfBuild(db: Queryable, buildId: string): Promise<BuildImage | undefined> {
  const { rows } = await db.query<{ image: string; begun: readonly string[] }>(
    `select s.image, array(select distinct h.phase from build_history h where h.build = b.id and h.phase is not null) as begun
     from builds b join servers s on s.id = b.server where b.id = $1 and s.image is not null and s.ready_at is not null`,
    [buildId],
  );
  return rows[0];
}

async function sharesHostKey(db: Queryable, serverId: string): Promise<boolean> {
  const { rows } = await db.query<{ shared: boolean }>(
    `select exists (select from servers one, servers other where one.id = $1 and other.id <> one.id
       and other.host_keys ?| array(select jsonb_array_elements_text(one.host_keys))) as shared`,
    [serverId],
  );
  return rows[0]!.shared;
}

/** Not while the server it is made of, or one that boots from it, is there: Nova may still work on it. */
async function claimImagesToDelete(db: Queryable, limit: number): Promise<readonly ImageRecord[]> {
  const { rows } = await db.query<ImageColumns>(
    `update images set next_try_at = now() + make_interval(secs => ${claimSeconds}) where id in (
       select id from images i where state in ('failed', 'deleted') and gone_at is null and next_try_at <= now()
         and not exists (select from servers s where (s.image = i.id or s.id = i.server) and s.state <> 'deleted')
       order by since limit $1 for update skip locked)
     returning ${columns}`,
    [limit],
  );
  return rows.map(toImage);
}

async function ofLease(db: Queryable, lease: ImageLease, text: string, values: readonly unknown[]): Promise<void> {
  const { rowCount } = await db.query(text, values);
  if (rowCount !== 1) throw new SidegateError('stale-epoch', `image ${lease.image}, epoch ${lease.epoch}`);
}

interface ImageColumns {
  id: string;
  label: string;
  cloud: string;
  name: string;
  state: ImageRecord['state'];
  image_id: string | null;
  server: string | null;
  requested_by: string;
  log_path: string;
  detail: string;
  epoch: number;
  created_at: Date;
  since: Date;
  promoted_at: Date | null;
  good_builds: number;
  bad_builds: number;
}

function toImage(row: ImageColumns): ImageRecord {
  const { id, label, cloud, name, state, detail, epoch } = row;
  return {
    id,
    label,
    cloud,
    name,
    state,
    detail,
    epoch,
    imageId: optional(row.image_id),
    server: optional(row.server),
    requestedBy: row.requested_by,
    logPath: row.log_path,
    createdAt: row.created_at.getTime(),
    since: row.since.getTime(),
    promotedAt: row.promoted_at?.getTime(),
    goodBuilds: row.good_builds,
    badBuilds: row.bad_builds,
  };
}
