import { backends } from '../adapters/sql/status/backend-status.ts';
import { SidegateError } from '../domain/errors.ts';
import { oneLine } from '../domain/sanitize.ts';
import type { BackendSettings } from '../domain/settings.ts';
import { drainBackend } from '../flow/drain-backend.ts';
import { whyClosed } from '../flow/read-backends.ts';
import type { BackendRow, SlotRow } from '../ports/status.ts';
import { withState } from './open-state.ts';
import { personAtTerminal } from './person-at-terminal.ts';

const indent = ' '.repeat(4);

/** `sidegate backend list`. */
export async function listBackends(options: { config: string; json?: true }): Promise<void> {
  await withState(options.config, async ({ configuration, database }) => {
    const { settings } = configuration;
    const rows = await backends(database.pool, settings);
    if (rows.length === 0 && !options.json)
      console.log('There are no back ends: those of the configuration are taken in when the service starts.');
    for (const row of rows) {
      const closed = whyClosed(configured(settings.backends, row), row);
      if (options.json) console.log(JSON.stringify({ ...row, closed }));
      else for (const line of linesOf(row, closed)) console.log(line);
    }
  });
}

/** `sidegate backend drain NAME`. */
export async function drain(backend: string, options: { config: string; reason?: string; by?: string }): Promise<void> {
  await withState(options.config, async ({ store }) => {
    const request = { backend, by: options.by ?? personAtTerminal(), reason: options.reason ?? '' };
    await drainBackend(store, request);
    console.log(
      `${oneLine(backend, 100)} gets no more builds; those that use it go on. \`sidegate backend resume ${oneLine(backend, 100)}\` takes it back into use.`,
    );
  });
}

/** `sidegate backend resume NAME`. */
export async function resume(backend: string, options: { config: string }): Promise<void> {
  await withState(options.config, async ({ configuration, database, store }) => {
    const rows = await backends(database.pool, configuration.settings);
    const row = rows.find(({ name }) => name === backend);
    if (!row) throw new SidegateError('not-found', `Back end ${oneLine(backend, 100)} is not configured.`);
    const drained = await store.resumeBackend(backend);
    console.log(drained ? `${backend} is in use again.` : `${backend} was not out of use.`);
    const closed = whyClosed(configured(configuration.settings.backends, row), { ...row, drained: undefined });
    if (closed !== undefined) console.log(`It still gets no builds: ${oneLine(closed, 500)}`);
  });
}

function configured(settings: readonly BackendSettings[], { name }: BackendRow) {
  return settings.find((backend) => backend.name === name) ?? { name, maintenance: [] };
}

function linesOf(row: BackendRow, closed: string | undefined): readonly string[] {
  const { name, kind, system, room, nextMaintenance: next } = row;
  const where = system === name ? '' : ` on ${system}`;
  return [
    `${name}  ${kind}${where}  ${closed === undefined ? `takes builds: ${oneLine(row.detail, 300)}` : `closed: ${oneLine(closed, 500)}`}`,
    ...(room ? [`${indent}left for further workers: ${room.memory} MiB of memory, ${room.disk} GiB of disk`] : []),
    ...(next
      ? [`${indent}next maintenance: ${time(next.from)} until ${time(next.until)} UTC, ${oneLine(next.reason, 200)}`]
      : []),
    ...row.slots.map((slot) => `${indent}${slotLine(slot)}`),
  ];
}

function slotLine(slot: SlotRow): string {
  const { prefix, state, workerPrefix, generation, build, guard, sweepAttempts, nextTryAt, detail } = slot;
  const words = [
    prefix.padEnd(3),
    state.padEnd(11),
    ...(workerPrefix === undefined ? [] : [`${workerPrefix} (generation ${generation})`]),
    ...(build === undefined ? [] : [`build ${build.slice(0, 7)}`]),
    ...(guard ? [`guard ${guard.url}${guard.open ? '' : ' (not open)'}`] : []),
    ...(nextTryAt === undefined
      ? []
      : [`${sweepAttempts} failed sweeps, next try ${time(nextTryAt)}:${nextTryAt.slice(17, 19)} UTC`]),
    ...(detail === '' || state === 'leased' ? [] : [oneLine(detail, 500)]),
  ];
  return words.join('  ').trimEnd();
}

function time(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}
