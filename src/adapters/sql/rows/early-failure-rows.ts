import type { EarlyBaseline, EarlyFailure, EarlyPeer } from '../../../domain/early-failure.ts';
import { SidegateError } from '../../../domain/errors.ts';
import type { BuildStore } from '../../../ports/build-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { shownRef } from './buildset-rows.ts';

const maxPeers = 20;
/** Where there are few workers, builds that fail of the same thing do so one after the other. */
const before = '30 minutes';
/** Older ones say nothing about the branch as it is. */
const maxAge = '14 days';

type Rows = Pick<BuildStore, 'saveEarlyFailure' | 'earlyFailuresBeside' | 'earlyBaselineOf'>;

export function earlyFailureRows(db: Queryable): Rows {
  return {
    saveEarlyFailure: async (lease, failure) => {
      const { rowCount } = await db.query(
        `update builds set early_failure = $3 where id = $1 and epoch = $2 and state = 'running'`,
        [lease.buildId, lease.epoch, JSON.stringify(failure).replaceAll('\\u0000', '\\ufffd')],
      );
      if (rowCount !== 1) throw new SidegateError('stale-epoch', `build ${lease.buildId}, epoch ${lease.epoch}`);
    },
    earlyFailuresBeside: (buildId) => earlyFailuresBeside(db, buildId),
    earlyBaselineOf: (buildId) => earlyBaselineOf(db, buildId),
  };
}

/** SQL: the machine. A host of a rack is lent again and again, and its server's id begins with its name. */
function worker(build: string): string {
  return `(select split_part(v.nova_id, '@', 1) from servers v where v.id = ${build}.server)`;
}

type PeerColumns = Omit<EarlyPeer, 'failure'> & { readonly failure: EarlyFailure | null };

/** Another change of the same owner may well hold the same mistake. What a branch did is compared by itself. */
async function earlyFailuresBeside(db: Queryable, buildId: string): Promise<readonly EarlyPeer[]> {
  const { rows } = await db.query<PeerColumns>(
    `with ours as (select b.job, b.started_at, s.owner, s.change_number, ${worker('b')} as worker
       from builds b join buildsets s on s.id = b.buildset where b.id = $1)
     select ${shownRef} as name, b.state = 'running' and b.early_failure is null as running, b.early_failure as failure
     from builds b join buildsets s on s.id = b.buildset join ours o on b.job = o.job
     where s.change_number <> o.change_number and s.owner <> o.owner and b.state <> 'queued'
       and coalesce(b.ended_at, now()) >= o.started_at - interval '${before}' and b.result is distinct from 'ABORTED'
       and ${worker('b')} is distinct from o.worker
     order by b.started_at desc limit ${maxPeers}`,
    [buildId],
  );
  return rows.map((row) => ({ ...row, failure: optional(row.failure) }));
}

/** What infrastructure did to a build of the branch says nothing about it. */
async function earlyBaselineOf(db: Queryable, buildId: string): Promise<EarlyBaseline | undefined> {
  const { rows } = await db.query<{ tip: string; failure: EarlyFailure | null }>(
    `select ${shownRef} as tip, b.early_failure as failure
     from builds ours join buildsets o on o.id = ours.buildset
       join buildsets s on s.connection = o.connection and s.project = o.project and s.branch = o.branch and s.change_number is null
       join builds b on b.buildset = s.id and b.job = ours.job
     where ours.id = $1 and o.change_number is not null and b.result in ('SUCCESS', 'FAILURE', 'ERROR', 'TIMED_OUT')
       and b.ended_at < ours.started_at and b.ended_at > now() - interval '${maxAge}'
     order by b.ended_at desc limit 1`,
    [buildId],
  );
  return rows[0] && { tip: rows[0].tip, failure: optional(rows[0].failure) };
}
