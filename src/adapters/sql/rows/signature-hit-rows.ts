import { SidegateError } from '../../../domain/errors.ts';
import type { SignatureHit } from '../../../domain/signatures/signature.ts';
import type { BuildLease, FoundSignature, SignatureHitStore } from '../../../ports/build-store.ts';
import { optional } from '../connect.ts';
import type { Queryable } from '../connect.ts';

/** A hostile job could publish thousands of logs that look like every trouble. */
const mostHits = 200;

export function signatureHitRows(db: Queryable): SignatureHitStore {
  return {
    saveSignatureHits: (lease, hits) => saveSignatureHits(db, lease, hits),
    signatureHits: (buildId) => signatureHits(db, buildId),
  };
}

async function saveSignatureHits(db: Queryable, lease: BuildLease, hits: readonly FoundSignature[]): Promise<void> {
  const { rowCount } = await db.query(
    `with mine as (select id from builds where id = $1 and epoch = $2 and state = 'running'),
     saved as (
       insert into signature_hits (build, signature, log, title, cause, bug, lines)
       select mine.id, signature, log, title, cause, bug, lines
       from mine, jsonb_to_recordset($3::jsonb) as h(signature text, log text, title text, cause text, bug text, lines jsonb)
       where (select count(*) from signature_hits s where s.build = $1) < ${mostHits}
       on conflict (build, signature, log) do update set lines = excluded.lines)
     select pg_notify('sidegate', 'status') from mine`,
    [lease.buildId, lease.epoch, JSON.stringify(hits.slice(0, mostHits))],
  );
  if (rowCount !== 1) throw new SidegateError('stale-epoch', `build ${lease.buildId}, epoch ${lease.epoch}`);
}

interface HitColumns extends SignatureHit {
  readonly title: string;
  readonly cause: FoundSignature['cause'];
  readonly bug: string | null;
}

export async function signatureHits(db: Queryable, buildId: string): Promise<readonly FoundSignature[]> {
  const { rows } = await db.query<HitColumns>(
    `select signature, log, title, cause, bug, lines from signature_hits where build = $1 order by signature, log limit ${mostHits * 2}`,
    [buildId],
  );
  return rows.map((row) => ({ ...row, bug: optional(row.bug) }));
}
