import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServerLabel } from '../../domain/settings.ts';
import { checkCloud } from './check-cloud.ts';
import { startFront } from './testing/front.ts';
import { labelWith, password, place, startSimulatedCloud } from './testing/simulated-cloud.ts';
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
  const label = labelWith({
    image: 'ci-*',
    networks: ['ci-net'],
    securityGroups: ['default'],
    availabilityZones: ['nova'],
    floatingNetwork: 'public',
    volume: { size: 10, type: undefined },
  });

  const findings = await checkCloud(simulated.access, [label]);

  expect(findings.map(({ ok, what, detail }) => `${ok ? 'good' : `bad (${detail})`}: ${what}`)).toEqual([
    'good: login',
    'good: label tiny: image ci-*',
    'good: label tiny: flavor ci.tiny',
    'good: label tiny: network ci-net',
    'good: label tiny: security group default',
    'good: label tiny: zone nova',
    'good: label tiny: floating network public',
    'good: label tiny: volume of 10 GiB',
    'good: quota',
  ]);
});

test('every wrong name is told at once', async () => {
  const wrong = labelWith({
    image: 'i',
    flavor: 'f',
    networks: ['n', 'lan', 'ci-net'],
    securityGroups: ['s'],
    availabilityZones: ['z', 'nova'],
    floatingNetwork: 'lan',
    volume: { size: 1, type: 't' },
  });

  const texts = await failures([wrong]);

  expect(texts).toEqual([
    'label tiny: image i: there is no active image named i',
    'label tiny: flavor f: there is no flavor named f',
    'label tiny: network n: there is no network named n',
    'label tiny: network lan: network lan has no port security: it takes no security groups',
    'label tiny: security group s: there is no security group named s',
    expect.stringMatching(/^label tiny: zone z: available zones: nova/u) as string,
    'label tiny: floating network lan: network lan is not external: there are no floating addresses from it',
    expect.stringMatching(/^label tiny: volume of 1 GiB: volume types: /u) as string,
  ]);
});

test('labels that cannot all be booted within the quotas are told', async () => {
  const compute = await failures([labelWith({ flavor: 'ci.devstack' }, 6)]);
  const network = await failures([labelWith({ networks: ['ci-net'], floatingNetwork: 'public' }, 9), labelWith({}, 1)]);
  const addresses = await failures([labelWith({ networks: ['ci-net'], floatingNetwork: 'public' }, 51)]);

  expect(compute).toEqual([
    'quota: labels at their max use 6 of 10 servers, 24 of 20 cores, 49152 of 51200 MiB of memory, 6 of 500 ports',
  ]);
  expect(network).toEqual([]);
  expect(addresses).toEqual([expect.stringContaining('51 of 50 floating addresses') as string]);
});

test('what does not fit goes elsewhere where a label has another place', async () => {
  const label = labelWith({}, 11);
  const findings = await checkCloud(simulated.access, [
    { ...label, places: [...label.places, { ...place, cloud: 'other' }] },
  ]);

  expect(findings.at(-1)).toMatchObject({ ok: true, detail: expect.stringContaining('11 of 10 servers') as string });
});

test('places in other clouds are none of its business', async () => {
  const texts = await failures([labelWith({ cloud: 'other', image: 'nope' }, 100)]);

  expect(texts).toEqual([]);
});

test('a refused login is the only finding', async () => {
  const access = { ...simulated.access, credential: { ...password, password: 'wrong' } as typeof password };

  const findings = await checkCloud(access, [labelWith()]);

  expect(findings).toEqual([
    {
      ok: false,
      what: 'login',
      detail: expect.stringContaining('HTTP 401') as string,
      todo: 'Check user, password or application credential in clouds.yaml.',
    },
  ]);
});

test('a user who may only look is told so', async () => {
  const front = await startFront(simulated.access.authUrl);
  front.rename('"name":"member"', '"name":"reader"');

  const findings = await checkCloud({ ...simulated.access, authUrl: front.authUrl }, [labelWith()]);

  await front.close();
  expect(findings).toEqual([
    expect.objectContaining({ ok: false, detail: expect.stringContaining('give the user the role member') as string }),
  ]);
});
