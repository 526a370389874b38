import type { Evidence } from '../../src/domain/guard/evidence.ts';
import type { Patchset } from '../../src/domain/patchset.ts';
import { isPatchset } from '../../src/domain/tested-ref.ts';
import type {
  BackendRow,
  BuildDetail,
  BuildFilter,
  BuildRow,
  CloudRow,
  ConsolePart,
  FoundTest,
  HoldRow,
  ImageRow,
  Metric,
  Overview,
  ServerRow,
  SlotRow,
  StatusRead,
  TestRun,
} from '../../src/ports/status.ts';

/** What a caller feeds: plain data, changed in place and announced with `changed()`. */
export interface PlainStatus extends StatusRead {
  view: Overview;
  readonly details: Map<string, BuildDetail>;
  readonly heldServers: HoldRow[];
  readonly ownImages: ImageRow[];
  readonly measured: Metric[];
  readonly testRuns: TestRun[];
  readonly foundTests: FoundTest[];
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
    heldServers: [],
    testRuns: [],
    foundTests: [],
    ownImages: [],
    measured: [],
    overview: async () => status.view,
    builds: async (filter) =>
      [...status.details.values()].filter((build) => fits(build, filter)).slice(0, filter.limit),
    testHistory: async () => status.testRuns,
    findTests: async (part) => status.foundTests.filter(({ id }) => id.includes(part)),
    build: async (id) => [...status.details.values()].find((build) => build.id.startsWith(id)),
    console: async (id, offset, limit) => part(status.consoles.get(id), offset, limit),
    holds: async () => status.heldServers,
    images: async () => status.ownImages,
    backends: async () => status.view.backends,
    metrics: async () => status.measured,
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
  const { change, project, job, state, result } = filter;
  if (!fitsSearch(build, filter)) return false;
  if (state !== undefined && build.state !== state) return false;
  if (change !== undefined && (!isPatchset(build.tested) || build.tested.number !== change)) return false;
  if (project !== undefined && build.tested.project !== project) return false;
  if (job !== undefined && build.job !== job) return false;
  return result === undefined || build.result === result;
}

function fitsSearch(build: BuildRow, { before, branch, from, logged, pipeline }: BuildFilter): boolean {
  if (pipeline !== undefined && build.pipeline !== pipeline) return false;
  if (branch !== undefined && build.tested.branch !== branch) return false;
  if (from !== undefined && build.queuedAt < from) return false;
  if (before !== undefined && build.queuedAt >= before) return false;
  return logged !== true || !('logsExpired' in build) || build.logsExpired === undefined;
}

export const plainPatchset: Patchset = {
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
};

export function plainBuild(own: Partial<BuildDetail> & { id: string }): BuildDetail {
  return {
    tested: plainPatchset,
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
    dependencies: undefined,
    siblings: [],
    report: undefined,
    history: [],
    logsExpired: undefined,
    artifacts: [],
    evidence: undefined,
    proof: undefined,
    cause: undefined,
    causeLines: [],
    signatures: [],
    ...own,
  };
}

/** Of a build that did nothing. */
export function plainEvidence(own: Partial<Evidence> = {}): Evidence {
  return {
    calls: 0,
    created: 0,
    deployed: 0,
    started: 0,
    deleted: 0,
    neverStarted: [],
    refusals: [],
    refused: 0,
    errors: [],
    failed: 0,
    outage: undefined,
    ...own,
  };
}

export function plainOverview(own: Partial<Overview> = {}): Overview {
  return {
    name: 'IBM z/VM CI',
    totals: { running: own.running?.length ?? 0, waiting: own.waiting?.length ?? 0 },
    running: [],
    waiting: [],
    finished: [],
    backends: [plainBackend()],
    clouds: [],
    servers: [],
    serverCounts: [],
    failedBoots: [],
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
    system: 'zvm-a',
    healthy: true,
    detail: 'ZVMA, z/VM 7.3, 812 GiB disk and 96 GiB memory free',
    checkedAt: '2026-11-22T10:00:00.000Z',
    sickSince: undefined,
    drained: undefined,
    maintenance: undefined,
    nextMaintenance: undefined,
    room: { memory: 98_304, disk: 812 },
    slots: [plainSlot({ prefix: 'ZA' }), plainSlot({ prefix: 'ZB' })],
    ...own,
  };
}

export function plainSlot(own: Partial<SlotRow> = {}): SlotRow {
  return {
    prefix: 'ZA',
    state: 'free',
    since: '2026-11-22T10:00:00.000Z',
    generation: 11,
    workerPrefix: undefined,
    build: undefined,
    change: undefined,
    guard: undefined,
    detail: '',
    sweepAttempts: 0,
    nextTryAt: undefined,
    ...own,
  };
}

export function plainCloud(own: Partial<CloudRow> = {}): CloudRow {
  return {
    name: 'vexxhost',
    kind: 'openstack',
    healthy: true,
    detail: '',
    servers: 3,
    maxServers: undefined,
    quotas: [
      { kind: 'servers', limit: 20, ours: 3, others: 2 },
      { kind: 'ram', limit: 102_400, ours: 24_576, others: 8192 },
      { kind: 'ports', limit: undefined, ours: 3, others: 9 },
    ],
    checkedAt: '2026-11-22T10:00:00.000Z',
    ...own,
  };
}

export function plainServer(own: Partial<ServerRow> = {}): ServerRow {
  return {
    id: '5e000000-0000-4000-8000-000000000001',
    name: 'sidegate-small-5e000000',
    label: 'small',
    cloud: 'vexxhost',
    zone: undefined,
    state: 'ready',
    purpose: 'build',
    address: '192.0.2.10',
    build: undefined,
    since: '2026-11-22T10:00:00.000Z',
    attempt: 1,
    deleteAttempts: 0,
    stuck: false,
    detail: '',
    held: undefined,
    ...own,
  };
}

export function plainHold(own: Partial<HoldRow> = {}): HoldRow {
  return {
    id: '4a000000-0000-4000-8000-000000000001',
    state: 'holding',
    build: undefined,
    project: 'openstack/nova',
    changeNumber: 345612,
    job: 'zvm-devstack-tempest',
    reason: 'resize hangs',
    requestedBy: 'ada',
    createdAt: '2026-11-22T10:00:00.000Z',
    until: '2026-11-22T14:00:00.000Z',
    endedAt: undefined,
    endedBy: undefined,
    heldBuild: '0a1b2c3d-1111-4222-8333-444455556666',
    keyAdded: true,
    detail: '',
    server: 'sidegate-small-5e000000',
    login: { user: 'ubuntu', address: '192.0.2.10', port: 22 },
    ...own,
  };
}

export function plainImage(own: Partial<ImageRow> = {}): ImageRow {
  return {
    id: '1a000000-0000-4000-8000-000000000001',
    label: 'small',
    cloud: 'vexxhost',
    name: 'sidegate-small-20261122-1a000000',
    state: 'active',
    requestedBy: 'schedule',
    logPath: 'images/1a000000/',
    detail: '',
    createdAt: '2026-11-22T09:00:00.000Z',
    promotedAt: '2026-11-22T09:30:00.000Z',
    goodBuilds: 41,
    badBuilds: 0,
    ...own,
  };
}
