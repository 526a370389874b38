import { describe, expect, test } from 'vitest';
import { admit } from './admission.ts';
import type { QueuedJob, Resources } from './admission.ts';
import { Placement } from './placement.ts';
import type { Job } from './settings.ts';
import { plainBackend } from './testing/backends.ts';
import { plainLabel } from './testing/labels.ts';

const label = plainLabel;
const lpar1 = plainBackend;
const job: Job = {
  name: 'job',
  label: 'small',
  backend: { kind: 'shared' },
  phases: [],
  timeout: 1,
  attempts: 1,
  voting: true,
  testResults: undefined,
  environment: {},
};
const plainJob: Job = { ...job, name: 'plain', backend: undefined };

function queued(id: string, fields: Partial<QueuedJob> = {}): QueuedJob {
  return { id, job, project: 'nova', priority: 0, queuedAt: Number(id.replace(/\D/g, '')), ...fields };
}

function resources(fields: Partial<Resources> = {}): Resources {
  const freeSlots = [
    { backend: 'lpar1', prefix: 'ZA0' },
    { backend: 'lpar1', prefix: 'ZB0' },
  ];
  const labels = fields.labels ?? [label];
  return {
    labels,
    backends: [lpar1],
    serverCounts: new Map(),
    freeServers: [],
    placement: new Placement({ labels, settings: [], clouds: [], servers: [], failures: [] }),
    freeSlots,
    closed: new Map(),
    room: new Map(),
    runningPerProject: new Map(),
    ...fields,
  };
}

describe('admission', () => {
  test('gives each build a server and a slot of its own', () => {
    const { admitted, waiting } = admit([queued('b1'), queued('b2')], resources());

    expect(admitted.map(({ build, slot }) => [build, slot?.prefix])).toEqual([
      ['b1', 'ZA0'],
      ['b2', 'ZB0'],
    ]);
    expect(waiting).toEqual([]);
  });

  test('allocates nothing by half: without a server the slot stays free for others', () => {
    const serverCounts = new Map([['small', 2]]);

    const { admitted, waiting } = admit([queued('b1')], resources({ serverCounts }));

    expect(admitted).toEqual([]);
    expect(waiting).toEqual([{ build: 'b1', reason: 'a test server small (all 2 in use)' }]);
  });

  test('says what a build waits for when all slots are taken', () => {
    const { waiting } = admit([queued('b1')], resources({ freeSlots: [] }));

    expect(waiting).toEqual([{ build: 'b1', reason: 'a slot on lpar1 (all 2 in use)' }]);
  });

  test('gives no slot of a back end that is out of order, and says why', () => {
    const { admitted, waiting } = admit(
      [queued('b1')],
      resources({ closed: new Map([['lpar1', 'lpar1 is out of order: SMAPI is down']]) }),
    );

    expect(admitted).toEqual([]);
    expect(waiting[0]?.reason).toBe('lpar1 is out of order: SMAPI is down');
  });

  test('gives no slot of a system without room for a further worker, and says what is short', () => {
    const hungry = { ...lpar1, worker: { memory: 4096, disk: 20 } };
    const room = new Map([['lpar1', { memory: 9000, disk: 30 }]]);

    const { admitted, waiting } = admit([queued('b1'), queued('b2')], resources({ backends: [hungry], room }));

    expect(admitted.map(({ build }) => build)).toEqual(['b1']);
    expect(waiting).toEqual([{ build: 'b2', reason: 'lpar1: a worker has no room: 10 of 20 GiB of disk left' }]);
  });

  test('lets a build that needs no slot pass one that waits for a slot', () => {
    const queue = [queued('b1'), queued('b2', { job: plainJob })];

    const { admitted } = admit(queue, resources({ freeSlots: [] }));

    expect(admitted.map(({ build }) => build)).toEqual(['b2']);
  });

  test('prefers a server that is ready to one that boots', () => {
    const freeServers = [
      { id: 'boots', label: 'small', ready: false },
      { id: 'ready', label: 'small', ready: true },
    ];

    const { admitted } = admit([queued('b1')], resources({ freeServers, serverCounts: new Map([['small', 2]]) }));

    expect(admitted[0]?.server).toEqual({ id: 'ready' });
  });

  test('says why no server can be booted, and leaves the slot to others', () => {
    const clouds = [{ name: 'ci', healthy: false, detail: 'no answer', capacity: undefined, checkedAt: 0 }];
    const placement = new Placement({ labels: [label], settings: [], clouds, servers: [], failures: [] });

    const { admitted, waiting } = admit([queued('b1')], resources({ placement }));

    expect(admitted).toEqual([]);
    expect(waiting[0]?.reason).toBe('a test server small: ci is out of order: no answer');
  });

  test('names the outage also where servers that cannot be deleted fill the label', () => {
    const clouds = [{ name: 'ci', healthy: false, detail: 'no answer', capacity: undefined, checkedAt: 0 }];
    const placement = new Placement({ labels: [label], settings: [], clouds, servers: [], failures: [] });
    const serverCounts = new Map([['small', 2]]);

    const { waiting } = admit([queued('b1')], resources({ placement, serverCounts }));

    expect(waiting[0]?.reason).toBe('a test server small (all 2 in use); ci is out of order: no answer');
  });

  test('starts higher priority first, then every project in turn', () => {
    const queue = [
      queued('b1', { job: plainJob }),
      queued('b2', { job: plainJob }),
      queued('b3', { job: plainJob, project: 'cinder' }),
      queued('b4', { job: plainJob, priority: 1 }),
    ];
    const many = { ...label, max: 3 };

    const { admitted } = admit(queue, resources({ labels: [many] }));

    expect(admitted.map(({ build }) => build)).toEqual(['b4', 'b3', 'b1']);
  });

  test('puts the project with running builds behind one with none', () => {
    const queue = [queued('b1', { job: plainJob }), queued('b2', { job: plainJob, project: 'cinder' })];
    const one = { ...label, max: 1 };

    const { admitted } = admit(queue, resources({ labels: [one], runningPerProject: new Map([['nova', 1]]) }));

    expect(admitted.map(({ build }) => build)).toEqual(['b2']);
  });
});
