import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { sleep } from '../../src/shared/clock.ts';
import { labelOf } from './cloud/cloud-stage.ts';
import { cloudFault, configure } from './world/faults.ts';
import { commented, lookAt, until } from './world/look.ts';
import { scriptedPhases } from './world/scripted-job.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

/** 500 were shown once, in some twenty minutes; the ordinary run takes fewer. */
const builds = Number(process.env['SIDEGATE_FAULT_BUILDS'] ?? 30);
const requestRate = 30;
const atOnce = 20;

/** Each happens to one in twenty requests or servers. */
const troubles: readonly object[] = [
  { fault: 'http', status: 503 },
  { fault: 'http', status: 502, form: 'html' },
  { fault: 'too-many-requests', retryAfter: 1 },
  { fault: 'silence', seconds: 30 },
  { fault: 'cut' },
  { fault: 'revoke-token' },
  { fault: 'create-cut' },
  { fault: 'create-error' },
  { fault: 'stuck-build' },
  { fault: 'no-ssh' },
  { fault: 'vanish' },
];

interface Requests {
  /** The most requests within any ten seconds: a stall of the simulator bunches what arrives within one. */
  readonly busiestTenSecondsByRegion: Readonly<Record<string, number>>;
}

describe(`a cloud with every trouble at five per cent, and ${builds} builds`, () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld({ bootDelay: 200, instances: 30, apiTimeout: 3 });
    const configuration = {
      clouds: ['RegionOne', 'RegionTwo'].map((region) => ({
        name: 'ci-cloud',
        region,
        requests_per_second: requestRate,
      })),
      labels: [
        labelOf(world.cloud, {
          region: 'RegionOne',
          availability_zones: world.cloud.zones,
          fallbacks: [{ region: 'RegionTwo' }],
          boot_timeout: '30s',
          ssh_timeout: '15s',
          max: 40,
        }),
      ],
      backends: [],
      jobs: [
        {
          name: 'story',
          label: 'small',
          attempts: 10,
          test_results: 'testrepository.subunit',
          phases: scriptedPhases(world.recorder.url),
        },
      ],
      limits: { unreachable: '10s' },
    };
    await configure(world, (story) => Object.assign(story, configuration));
    await world.startSidegate();
  });
  afterAll(() => world.stop());

  test(
    'all end with the right verdict, nothing is left, and the cloud never gets more requests than it should',
    { timeout: 3_000_000 },
    async () => {
      await cloudFault(world, { fault: 'clock-skew', seconds: 3600 });
      for (const trouble of troubles) await cloudFault(world, { ...trouble, rate: 0.05 });
      const over = new AbortController();
      const others = comeAndGo(world, over.signal);

      const pushed = await pushAll(world);
      await Promise.all(pushed.map(({ change }) => commented(world, change, 1, 3_000_000)));
      over.abort();
      await others;
      const left = await until(
        () => cloudRemains(world),
        ({ length }) => length === 0,
        300_000,
      );

      const views = await Promise.all(pushed.map(({ change }) => lookAt(world, change)));
      const { busiestTenSecondsByRegion } = await simulator<Requests>(world, 'requests');
      expect(views.map(({ comments }) => comments.length)).toEqual(pushed.map(() => 1));
      expect(views.map(({ verified }) => verified)).toEqual(pushed.map(({ good }) => (good ? 1 : -1)));
      expect(left).toEqual([]);
      expect(Math.max(...Object.values(busiestTenSecondsByRegion))).toBeLessThanOrEqual(10 * requestRate);
    },
  );
});

/** At most so many changes wait for their votes at a time. */
async function pushAll(world: World): Promise<readonly { change: PushedPatchset; good: boolean }[]> {
  const pushed: { change: PushedPatchset; good: boolean }[] = [];
  const worker = async () => {
    while (pushed.length < builds) {
      const good = pushed.length % 3 !== 0;
      const tests = { 'story.create': 'pass', 'story.delete': good ? 'pass' : 'fail' } as const;
      const one = { change: await world.push({ tests }), good };
      pushed.push(one);
      await commented(world, one.change, 1, 3_000_000);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return pushed;
}

/** Other users of the project take most of the quota, give it back, and so on. */
async function comeAndGo(world: World, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await cloudFault(world, { fault: 'others', servers: 25 });
    await sleep(5000, signal);
    await cloudFault(world, { fault: 'others', servers: 0 });
    await sleep(15_000, signal);
  }
}

/** What sidegate made and did not delete, the keypair aside. */
async function cloudRemains(world: World): Promise<readonly string[]> {
  const { remains } = await simulator<{ remains: readonly { kind: string; name: string }[] }>(world, 'remains');
  return remains.filter(({ kind }) => kind !== 'keypair').map(({ kind, name }) => `${kind} ${name}`);
}

async function simulator<Answer>({ cloud }: World, what: string): Promise<Answer> {
  return (await (await fetch(new URL(`/simulator/${what}`, cloud.authUrl))).json()) as Answer;
}
