import { describe, expect, test } from 'vitest';
import type { Quota } from './capacity.ts';
import { Placement } from './placement.ts';
import type { CloudView, PlacementView } from './placement.ts';
import type { ServerLabel } from './settings.ts';
import { plainLabel, plainPlace } from './testing/labels.ts';

const elsewhere = { ...plainPlace, cloud: 'other' };
const two: ServerLabel = { ...plainLabel, places: [plainPlace, elsewhere] };
const zoned: ServerLabel = { ...plainLabel, places: [{ ...plainPlace, availabilityZones: ['a', 'b'] }] };
const inCloud = { label: 'small', cloud: 'ci', zone: undefined, createdAt: 0 };

function look(fields: Partial<CloudView> & { quotas?: readonly Quota[] } = {}): CloudView {
  const capacity = { quotas: fields.quotas ?? [], sizes: { flavor: { cores: 4, ram: 8192 } } };
  return { name: 'ci', healthy: true, detail: '', capacity, checkedAt: 1000, ...fields };
}

function placement(label: ServerLabel, fields: Partial<PlacementView> = {}): Placement {
  return new Placement({ labels: [label], settings: [], clouds: [], servers: [], failures: [], ...fields });
}

describe('placement', () => {
  test('takes the first place in order', () => {
    expect(placement(two).take(two)).toEqual({ cloud: 'ci', zone: undefined });
  });

  test.each<[string, Partial<PlacementView>]>([
    ['out of order', { clouds: [look({ healthy: false })] }],
    ['at the quota of servers', { clouds: [look({ quotas: [{ kind: 'servers', limit: 10, used: 10 }] })] }],
    ['without room for the flavor', { clouds: [look({ quotas: [{ kind: 'cores', limit: 10, used: 7 }] })] }],
    ['without a free port', { clouds: [look({ quotas: [{ kind: 'ports', limit: 5, used: 5 }] })] }],
    ['without the flavor', { clouds: [look({ capacity: { quotas: [], sizes: {} } })] }],
    [
      'at its max_servers',
      { settings: [{ name: 'ci', maxServers: 1, requestRate: 1, sweep: 'delete' }], servers: [inCloud] },
    ],
  ])('goes on to the next cloud when one is %s', (_why, view) => {
    expect(placement(two, view).take(two)).toEqual({ cloud: 'other', zone: undefined });
  });

  test('gives away no more than the quota leaves', () => {
    const view = { clouds: [look({ quotas: [{ kind: 'cores', limit: 12, used: 4 }] })] };
    const one = placement(plainLabel, view);

    const answers = [one.take(plainLabel), one.take(plainLabel), one.take(plainLabel)];

    expect(answers.map((answer) => typeof answer)).toEqual(['object', 'object', 'string']);
    expect(answers[2]).toBe('quota of ci: 12 of 12 cores in use');
  });

  test('counts servers that were ordered after the last look, and only those', () => {
    const clouds = [look({ quotas: [{ kind: 'servers', limit: 3, used: 1 }] })];
    const servers = [inCloud, { ...inCloud, createdAt: 2000 }];
    const one = placement(plainLabel, { clouds, servers });

    const answers = [one.take(plainLabel), one.take(plainLabel)];

    expect(answers.map((answer) => typeof answer)).toEqual(['object', 'string']);
  });

  test('counts each of those that come as one entry', () => {
    const clouds = [look({ quotas: [{ kind: 'servers', limit: 3, used: 1 }] })];
    const servers = [{ ...inCloud, createdAt: 2000, count: 2 }];

    const answer = placement(plainLabel, { clouds, servers }).take(plainLabel);

    expect(answer).toBe('quota of ci: 3 of 3 servers in use');
  });

  test('believes its own rows more than a cloud that has not counted a new server yet', () => {
    const clouds = [look({ quotas: [{ kind: 'servers', limit: 2, used: 0 }] })];
    const servers = [inCloud, inCloud];

    expect(placement(plainLabel, { clouds, servers }).take(plainLabel)).toBe('quota of ci: 2 of 2 servers in use');
  });

  test('knows that -1 is no limit', () => {
    const view = { clouds: [look({ quotas: [{ kind: 'cores', limit: -1, used: 1000 }] })] };

    expect(placement(plainLabel, view).take(plainLabel)).toEqual({ cloud: 'ci', zone: undefined });
  });

  test('asks a cloud nobody could look at yet', () => {
    expect(placement(plainLabel, { clouds: [look({ capacity: undefined })] }).take(plainLabel)).toMatchObject({
      cloud: 'ci',
    });
  });

  test('tries every zone once, the one with the fewest failures first', () => {
    const failures = [{ label: 'small', cloud: 'ci', zone: 'a' }];
    const one = placement(zoned, { failures });

    const first = one.take(zoned);
    const second = one.take(zoned, ['ci:b']);
    const third = one.take(zoned, ['ci:b', 'ci:a']);

    expect([first, second, third]).toEqual([{ cloud: 'ci', zone: 'b' }, { cloud: 'ci', zone: 'a' }, 'ci was tried']);
  });

  test('spreads servers over the zones', () => {
    const servers = [{ ...inCloud, zone: 'a' }];

    expect(placement(zoned, { servers }).take(zoned)).toEqual({ cloud: 'ci', zone: 'b' });
  });

  test('tells of each place why it will not do', () => {
    const clouds = [
      look({ healthy: false, detail: 'no answer' }),
      look({ name: 'other', quotas: [{ kind: 'servers', limit: 1, used: 1 }] }),
    ];

    expect(placement(two, { clouds }).take(two)).toBe(
      'ci is out of order: no answer; quota of other: 1 of 1 servers in use',
    );
  });
});
