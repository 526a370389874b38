import type { BuildLease, BuildStart } from '../../../ports/build-store.ts';
import type { Queryable } from '../connect.ts';
import { notify } from '../notify.ts';

/**
 * Builds may end while admission decides, by a newer patchset or the operator: their rows are locked first, and who is not queued any more
 * gets neither server nor slot.
 */
export async function startBuilds(db: Queryable, starts: readonly BuildStart[]): Promise<readonly BuildLease[]> {
  if (starts.length === 0) return [];
  const asked = starts.map(({ slot, ...start }) => ({ ...start, ...slot }));
  const { rows } = await db.query<BuildLease>(
    `with asked as (
       select * from jsonb_to_recordset($1::jsonb) as w("buildId" uuid, owner uuid, "serverId" uuid, backend text, prefix text)),
     wanted as materialized (
       select a.* from asked a join builds b on b.id = a."buildId" where b.state = 'queued' order by b.id for no key update of b),
     slot as (update slots l set state = 'leased', epoch = epoch + 1, build = w."buildId", server = w."serverId", since = now(), detail = '',
         guard_port = null, guard_opens = 0, sweep_attempts = 0
       from wanted w where l.backend = w.backend and l.prefix = w.prefix returning l.build, l.epoch),
     started as (
       update builds b set state = 'running', owner = w.owner, server = w."serverId", backend = w.backend, prefix = w.prefix,
         generation = slot.epoch, started_at = clock_timestamp(), waiting_for = null, step = 'boot', step_since = now()
       from wanted w left join slot on slot.build = w."buildId" where b.id = w."buildId" and b.state = 'queued' returning b.id, b.epoch),
     server as (update servers s set build = w."buildId" from wanted w where s.id = w."serverId"),
     history as (insert into build_history (build, step) select id, 'boot' from started)
     select id as "buildId", epoch from started`,
    [JSON.stringify(asked)],
  );
  return rows;
}

export async function releaseOrphans(db: Queryable): Promise<readonly string[]> {
  const { rows } = await db.query<{ what: string }>(
    `with over as (
       select id from builds where state = 'done' and id in (
         select build from servers where state in ('building', 'ready') and build is not null
         union select build from slots where state = 'leased' and build is not null)),
     server as (
       update servers s set state = 'deleting', since = now(), next_try_at = now(), detail = 'Its build was over.'
       from over where s.build = over.id and s.state in ('building', 'ready') returning s.name),
     slot as (
       update slots l set state = 'dirty', since = now(), next_try_at = now()
       from over where l.build = over.id and l.state = 'leased' returning l.backend, l.prefix)
     select name as what from server union all select backend || ' ' || prefix from slot`,
  );
  if (rows.length > 0) await notify(db, 'servers', 'slots', 'status');
  return rows.map(({ what }) => what);
}

/** Doublings of the pause: others may keep the place for long. */
const maxDoublings = 5;

export async function requeueBuild(
  db: Queryable,
  { lease, waitingFor, pause }: { lease: BuildLease; waitingFor: string; pause: number },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `with mine as (
       select id, server from builds where id = $1 and epoch = $2 and state = 'running' and cancel_reason is null for no key update),
     requeued as (
       update builds b set state = 'queued', owner = null, server = null, backend = null, prefix = null, generation = null, started_at = null, step = null,
         phase = null, step_since = null, waiting_for = $3,
         not_before = now() + make_interval(secs => $4::float / 1000 * power(2, least(b.epoch - 1, ${maxDoublings})))
       from mine where b.id = mine.id returning b.id),
     server as (
       update servers s set state = 'deleting', since = now(), next_try_at = now()
       from mine where s.id = mine.server and s.state in ('building', 'ready')),
     slot as (
       update slots l set state = 'dirty', since = now(), next_try_at = now() from mine where l.build = mine.id and l.state = 'leased'),
     history as (insert into build_history (build, step) select id, 'queued' from requeued)
     select from requeued`,
    [lease.buildId, lease.epoch, waitingFor.replaceAll('\0', '\ufffd'), pause],
  );
  if (rowCount) await notify(db, 'servers', 'slots', 'status');
  return rowCount === 1;
}
