import { createDirectoryArchive } from '../../src/adapters/logs/directory-archive.ts';
import { createPool } from '../../src/adapters/sql/connect.ts';
import { createSqlStore } from '../../src/adapters/sql/sql-store.ts';
import { createLogUploader } from '../../src/flow/upload-logs.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { openStore } from './lab-stores.ts';
import type { LabAccess } from './lab-stores.ts';

/** What the process that is killed gets as its argument, as JSON. */
export interface UploadOnce {
  readonly self: string;
  readonly databaseUrl: string;
  readonly directory: string;
  readonly access: LabAccess;
}

const { access, databaseUrl, directory, self } = JSON.parse(process.argv[2] ?? '') as UploadOnce;
const pool = createPool(databaseUrl);
const upload = createLogUploader(
  {
    archive: createDirectoryArchive(directory),
    logger: createLogger('info'),
    objects: openStore(access),
    self,
    store: createSqlStore(pool),
  },
  new AbortController().signal,
);
await upload();
await pool.end();
