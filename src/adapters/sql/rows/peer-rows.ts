import type { Peer } from '../../../domain/same-failure.ts';
import type { BuildStore } from '../../../ports/build-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';
import { shownRef } from './buildset-rows.ts';

const maxPeers = 20;
const maxTests = 1000;

/** SQL: names of the tests that failed in a build. */
function failedTests(build: string): string {
  return `array(select t.id from test_results t where t.build = ${build} and t.outcome in ('failed', 'incomplete') order by t.ordinal limit ${maxTests})`;
}

type PeerColumns = Omit<Peer, 'result'> & { readonly result: string | null };

/** Another change of the same owner may well hold the same mistake: the two are often one on top of the other. A branch holds no change. */
export async function failuresBeside(db: Queryable, buildId: string): ReturnType<BuildStore['failuresBeside']> {
  const { rows: own } = await db.query<{ ours: readonly string[] }>(`select ${failedTests('$1')} as ours`, [buildId]);
  const { rows: peers } = await db.query<PeerColumns>(
    `with ours as (select b.job, b.backend, b.started_at, s.owner, s.change_number from builds b join buildsets s on s.id = b.buildset where b.id = $1)
     select ${shownRef} as name, b.result, b.state = 'running' as running, ${failedTests('b.id')} as "failedTests"
     from builds b join buildsets s on s.id = b.buildset join ours o on b.job = o.job and b.backend = o.backend
     where (s.change_number is null or s.change_number <> o.change_number and s.owner <> o.owner) and b.state <> 'queued'
       and coalesce(b.ended_at, now()) >= o.started_at and b.result is distinct from 'ABORTED'
     order by b.started_at desc limit ${maxPeers}`,
    [buildId],
  );
  return { ours: own[0]!.ours, peers: peers.map(peerOf) };
}

/** One whose tests failed may still be judged, but says nothing that bears on others: two such would wait for each other. */
function peerOf(row: PeerColumns): Peer {
  return { ...row, result: optional(row.result), running: row.running && row.failedTests.length === 0 };
}
