import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServerLabel } from '../../domain/settings.ts';
import { checkCloud } from './check-cloud.ts';
import { label, password, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

let simulated: SimulatedCloud;

beforeAll(async () => {
  simulated = await startSimulatedCloud();
});

afterAll(async () => {
  await simulated.close();
});

async function failures(labels: readonly ServerLabel[]): Promise<readonly string[]> {
  const findings = await checkCloud(simulated.access, labels);
  return findings.filter(({ ok }) => !ok).map(({ what, detail }) => `${what}: ${detail}`);
}

test('all that a good configuration names is found', async () => {
  const findings = await checkCloud(simulated.access, [
    { ...label, securityGroups: ['default'], availabilityZone: 'nova' },
  ]);

  expect(findings.map(({ ok, what }) => `${ok ? 'good' : 'bad'}: ${what}`)).toEqual([
    'good: login',
    'good: label tiny: image ci-image',
    'good: label tiny: flavor ci.tiny',
    'good: label tiny: network lan',
    'good: label tiny: security group default',
    'good: label tiny: zone nova',
    'good: quota',
  ]);
});

test('every wrong name is told at once', async () => {
  const wrong = {
    ...label,
    image: 'i',
    flavor: 'f',
    networks: ['n', 'lan'],
    securityGroups: ['s'],
    availabilityZone: 'z',
  };

  const texts = await failures([wrong]);

  expect(texts).toEqual([
    'label tiny: image i: there is no active image named i',
    'label tiny: flavor f: there is no flavor named f',
    'label tiny: network n: there is no network named n',
    'label tiny: security group s: there is no security group named s',
    'label tiny: zone z: available zones: nova',
  ]);
});

test('labels that cannot all be booted within the quota are told', async () => {
  const texts = await failures([{ ...label, flavor: 'ci.devstack', max: 6 }]);

  expect(texts).toEqual([
    'quota: labels at their max use 6 of 10 servers, 24 of 20 cores, 49152 of 51200 MiB of memory',
  ]);
});

test('labels of other clouds are none of its business', async () => {
  const texts = await failures([{ ...label, cloud: 'other', image: 'nope', max: 100 }]);

  expect(texts).toEqual([]);
});

test('a refused login is the only finding', async () => {
  const access = { ...simulated.access, credential: { ...password, password: 'wrong' } as typeof password };

  const findings = await checkCloud(access, [label]);

  expect(findings).toEqual([
    {
      ok: false,
      what: 'login',
      detail: expect.stringContaining('HTTP 401') as string,
      todo: 'Check user, password or application credential in clouds.yaml.',
    },
  ]);
});
