import { filteredBuilds } from '../adapters/sql/status/build-status.ts';
import { oneLine } from '../domain/sanitize.ts';
import { isPatchset, tipName } from '../domain/tested-ref.ts';
import type { BuildRow } from '../ports/status.ts';
import { withState } from './open-state.ts';

/** `sidegate builds`. */
export async function builds(options: { config: string; change?: number; limit: number; json?: true }): Promise<void> {
  await withState(options.config, async ({ database }) => {
    const filter = { limit: options.limit, ...(options.change === undefined ? {} : { change: options.change }) };
    for (const build of await filteredBuilds(database.pool, filter)) {
      console.log(options.json ? JSON.stringify(build) : line(build));
    }
  });
}

function line(build: BuildRow): string {
  const { tested, result, state, step, waitingFor, reason } = build;
  const now = state === 'done' ? (result ?? '') : state === 'running' ? `running ${step}` : 'queued';
  const why = state === 'queued' ? `waits for ${waitingFor}` : (reason ?? '');
  const columns = [
    build.id.slice(0, 7),
    build.queuedAt.slice(0, 19),
    (isPatchset(tested) ? `${tested.number},${tested.patchset}` : tipName(tested)).padEnd(10),
    build.job.padEnd(24),
    now.padEnd(14),
    oneLine(why, 300),
  ];
  return columns.join('  ').trimEnd();
}
