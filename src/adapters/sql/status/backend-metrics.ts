import type { BackendRow, Metric, MetricSample, ShownSlotState, SlotRow } from '../../../ports/status.ts';
import { gauge } from './gauge.ts';

const slotStates: readonly ShownSlotState[] = ['free', 'leased', 'dirty', 'quarantined'];

export function backendMetrics(backends: readonly BackendRow[]): readonly Metric[] {
  const one = (backend: BackendRow, value: number | boolean, more: Readonly<Record<string, string>> = {}) => ({
    labels: { backend: backend.name, ...more },
    value: Number(value),
  });
  return [
    gauge(
      'backend_healthy',
      '1 where the back end answers, else 0.',
      backends.map((backend) => one(backend, backend.healthy)),
    ),
    gauge(
      'backend_closed',
      '1 where the back end gets no builds for this reason, else 0.',
      backends.flatMap((backend) => [
        one(backend, backend.drained !== undefined, { reason: 'drained' }),
        one(backend, backend.maintenance !== undefined, { reason: 'maintenance' }),
        one(backend, !backend.healthy, { reason: 'unhealthy' }),
      ]),
    ),
    gauge(
      'slots',
      'Slots of the back ends; quarantined: a sweep has failed.',
      backends.flatMap((backend) =>
        slotStates.map((state) =>
          one(
            backend,
            count(backend, (slot) => slot.state === state),
            { state },
          ),
        ),
      ),
    ),
    gauge(
      'guards_open',
      'Guards that a running process keeps open between a worker and Feilong.',
      backends.map((backend) =>
        one(
          backend,
          count(backend, ({ guard }) => guard?.open === true),
        ),
      ),
    ),
    ...roomMetrics(backends),
  ];
}

/** Where it tells. */
function roomMetrics(backends: readonly BackendRow[]): readonly Metric[] {
  const left = (key: 'memory' | 'disk', unit: number): readonly MetricSample[] =>
    backends.flatMap(({ name, room }) => (room ? [{ labels: { backend: name }, value: room[key] * unit }] : []));
  return [
    gauge('backend_memory_left_bytes', 'Memory left for further workers.', left('memory', 1024 ** 2)),
    gauge('backend_disk_left_bytes', 'Disk pool left for further workers.', left('disk', 1024 ** 3)),
  ];
}

function count({ slots }: BackendRow, fits: (slot: SlotRow) => boolean): number {
  return slots.filter(fits).length;
}
