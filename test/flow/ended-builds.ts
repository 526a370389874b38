import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSampleRows, success } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { Result } from '../../src/domain/verdict.ts';
import type { LogArchive } from '../../src/ports/log-archive.ts';
import type { Store } from '../../src/ports/store.ts';
import { scrubbedLogs } from './scrubbed-logs.ts';

export interface Ended {
  readonly id: string;
  readonly logPath: string;
}

/** Builds that are over, on a real database, with logs in a folder. */
export interface EndedBuilds {
  readonly databaseUrl: string;
  /** Of the archive. */
  readonly directory: string;
  readonly archive: LogArchive;
  readonly store: Store;
  /** A build that ended so many days ago, with a log. */
  ended(days: number, result?: Result): Promise<Ended>;
  query(text: string, values?: readonly unknown[]): Promise<readonly Record<string, unknown>[]>;
  readonly hasLogs: (build: Ended) => Promise<boolean>;
  hasFolder(build: Ended): Promise<boolean>;
  drop(): Promise<void>;
}

export async function prepareEndedBuilds(): Promise<EndedBuilds> {
  const directory = await mkdtemp(join(tmpdir(), 'ended-builds-'));
  const rows = await createSampleRows();
  const { archive } = scrubbedLogs(directory);
  const query: EndedBuilds['query'] = async (text, values = []) =>
    (await rows.database.pool.query<Record<string, unknown>>(text, [...values])).rows;
  return {
    databaseUrl: rows.database.url,
    directory,
    archive,
    store: rows.store,
    query,
    ended: async (days, result = 'SUCCESS') => {
      const { lease } = await rows.addRunning();
      const id = lease.buildId;
      await rows.store.finishBuild(lease, { ...success, result });
      await query(`update builds set ended_at = now() - make_interval(days => $2) where id = $1`, [id, days]);
      await query(`update buildsets s set state = 'done' from builds b where b.buildset = s.id and b.id = $1`, [id]);
      await query(`update slots set state = 'free', build = null`);
      const { logPath } = (await rows.store.findBuild(id))!;
      await archive.write(`${logPath}deep/job-output.txt`, 'log');
      return { id, logPath };
    },
    hasLogs: async ({ logPath }) => (await archive.list(logPath)).length > 0,
    hasFolder: async ({ logPath }) =>
      await stat(join(directory, logPath)).then(
        () => true,
        () => false,
      ),
    drop: async () => {
      await rows.drop();
      await rm(directory, { recursive: true });
    },
  };
}
