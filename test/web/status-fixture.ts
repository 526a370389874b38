import type {
  BackendRow,
  BuildDetail,
  BuildFilter,
  BuildRow,
  ConsolePart,
  Overview,
  StatusRead,
} from '../../src/ports/status.ts';

/** What a caller feeds: plain data, changed in place and announced with `changed()`. */
export interface PlainStatus extends StatusRead {
  view: Overview;
  readonly details: Map<string, BuildDetail>;
  readonly consoles: Map<string, { bytes: Buffer; complete: boolean }>;
  changed(): void;
  /** How many subscriptions there are now. */
  subscriptions(): number;
}

export function createPlainStatus(view: Overview, details: readonly BuildDetail[] = []): PlainStatus {
  const listeners = new Set<() => void>();
  const status: PlainStatus = {
    view,
    details: new Map(details.map((detail) => [detail.id, detail])),
    consoles: new Map(),
    overview: async () => status.view,
    builds: async (filter) =>
      [...status.details.values()].filter((build) => fits(build, filter)).slice(0, filter.limit),
    build: async (id) => [...status.details.values()].find((build) => build.id.startsWith(id)),
    console: async (id, offset, limit) => part(status.consoles.get(id), offset, limit),
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    changed: () => {
      for (const listener of listeners) listener();
    },
    subscriptions: () => listeners.size,
  };
  return status;
}

function part(
  console: { bytes: Buffer; complete: boolean } | undefined,
  offset: number,
  limit: number,
): ConsolePart | undefined {
  if (console === undefined) return undefined;
  const bytes = console.bytes.subarray(offset, offset + limit);
  return { bytes, next: offset + bytes.length, complete: console.complete };
}

function fits(build: BuildRow, filter: BuildFilter): boolean {
  const { change, project, job, result } = filter;
  if (change !== undefined && build.patchset.number !== change) return false;
  if (project !== undefined && build.patchset.project !== project) return false;
  if (job !== undefined && build.job !== job) return false;
  return result === undefined || build.result === result;
}

export function plainBuild(own: Partial<BuildDetail> & { id: string }): BuildDetail {
  return {
    patchset: {
      connection: 'opendev',
      project: 'openstack/nova',
      branch: 'master',
      number: 345612,
      changeId: `I${'0'.repeat(40)}`,
      subject: 'zvm: delete the config drive with the guest',
      owner: 'jdoe',
      url: 'https://review.example.org/c/openstack/nova/+/345612',
      patchset: 3,
      revision: '1f2e3d4c5b6a79880123456789abcdef01234567',
      ref: 'refs/changes/12/345612/3',
    },
    pipeline: 'check',
    job: 'zvm-devstack-tempest',
    attempt: 1,
    state: 'queued',
    step: undefined,
    phase: undefined,
    stepSince: undefined,
    queuedAt: '2026-11-22T10:00:00.000Z',
    startedAt: undefined,
    endedAt: undefined,
    waitingFor: undefined,
    server: undefined,
    serverAddress: undefined,
    backend: undefined,
    prefix: undefined,
    result: undefined,
    reason: undefined,
    tests: undefined,
    logPath: `12/345612/3/check/zvm-devstack-tempest/${own.id.slice(0, 7)}/`,
    buildset: 'b0000000-0000-4000-8000-000000000000',
    testResults: [],
    siblings: [],
    report: undefined,
    history: [],
    artifacts: [],
    ...own,
  };
}

export function plainOverview(own: Partial<Overview> = {}): Overview {
  return {
    name: 'IBM z/VM CI',
    running: [],
    waiting: [],
    finished: [],
    backends: [plainBackend()],
    servers: [],
    connections: [
      { name: 'opendev', state: 'connected', detail: 'review.example.org, Gerrit 3.13.1', lastEventAt: undefined },
    ],
    notices: [],
    events: [],
    ...own,
  };
}

export function plainBackend(own: Partial<BackendRow> = {}): BackendRow {
  return {
    name: 'zvm-a',
    kind: 'shared',
    healthy: true,
    detail: 'ZVMA, z/VM 7.3, 812 GiB disk and 96 GiB memory free',
    slots: [
      { prefix: 'ZA0', build: undefined, state: 'free' },
      { prefix: 'ZA1', build: undefined, state: 'free' },
    ],
    ...own,
  };
}
