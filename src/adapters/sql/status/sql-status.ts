import { consoleFile } from '../../../domain/log-path.ts';
import type { LogArchive } from '../../../ports/log-archive.ts';
import type { Signals } from '../../../ports/signals.ts';
import type { ConsolePart, StatusRead } from '../../../ports/status.ts';
import type { Queryable } from '../connect.ts';
import { backends } from './backend-status.ts';
import { buildDetail, findBuildId } from './build-detail.ts';
import { filteredBuilds, selectBuilds } from './build-status.ts';
import { findTests } from './find-tests.ts';
import { holds } from './hold-status.ts';
import { images } from './image-status.ts';
import { metrics } from './metrics.ts';
import { overview } from './overview.ts';
import type { StatusSettings } from './overview.ts';
import { testHistory } from './test-history.ts';

export interface StatusSources {
  readonly db: Queryable;
  readonly archive: LogArchive;
  readonly signals: Signals;
  readonly settings: StatusSettings;
}

/** The read side over SQL and the log archive. */
export function createSqlStatus({ db, archive, signals, settings }: StatusSources): StatusRead {
  return {
    overview: () => overview(db, settings),
    builds: (filter) => filteredBuilds(db, filter),
    build: (id) => buildDetail(db, archive, id),
    console: (id, offset, limit) => consolePart(db, archive, { id, offset, limit }),
    holds: () => holds(db, settings.labels),
    images: () => images(db),
    backends: () => backends(db, settings),
    metrics: () => metrics(db, settings),
    testHistory: (id) => testHistory(db, id),
    findTests: (part, filter) => findTests(db, part, filter),
    onChange: (listener) => {
      const silences = (['status', 'queue', 'events', 'servers', 'slots', 'reports'] as const).map((topic) =>
        signals.on(topic, listener),
      );
      return () => silences.forEach((silence) => silence());
    },
  };
}

async function consolePart(
  db: Queryable,
  archive: LogArchive,
  { id, offset, limit }: { id: string; offset: number; limit: number },
): Promise<ConsolePart | undefined> {
  const found = await findBuildId(db, id);
  const build = found === undefined ? undefined : (await selectBuilds(db, 'b.id = $1', [found]))[0];
  if (!build) return undefined;
  const bytes = await archive.read(`${build.logPath}${consoleFile}`, offset, limit);
  const next = offset + bytes.length;
  // Done only when the build was done before the last bytes were read.
  return { bytes, next, complete: build.state === 'done' && bytes.length < limit };
}
