import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { newKey } from '../../../simulators/openstack/testing/ssh.ts';
import type { Cloud } from '../../ports/cloud.ts';
import { sleep } from '../../shared/clock.ts';
import { startFront } from './testing/front.ts';
import type { Front } from './testing/front.ts';
import { openCloud, serverRequest, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

// One request may take a minute here, a test half of one: what waits for an answer to the end fails.

let simulated: SimulatedCloud;
let front: Front;
let cloud: Cloud;

beforeEach(async () => {
  simulated = await startSimulatedCloud();
  front = await startFront(simulated.access.authUrl);
  cloud = openCloud({ ...simulated.access, authUrl: front.authUrl, apiTimeout: 60_000 });
  await cloud.ensureKeypair('sidegate', newKey().public);
});

afterEach(async () => {
  await front.close();
  await simulated.close();
});

async function kinds(): Promise<readonly string[]> {
  return (await cloud.listMarked('me')).map(({ kind }) => kind).toSorted();
}

function hurried(patience: number, deadline = Date.now() + 60_000) {
  return { ...serverRequest('one'), patience, deadline };
}

describe('an order that the cloud does not take in time', () => {
  test.each([
    ['compute', 'GET'],
    ['network', 'GET'],
    ['image', 'GET'],
  ])('is given up while %s says nothing to a %s, and made up for later', async (service, method) => {
    await simulated.inject({ fault: 'silence', service, method, seconds: 60 });

    const attempt = cloud.ensureServer(hurried(300));

    await expect(attempt).rejects.toMatchObject({ code: 'cloud-unreachable' });
    await cloud.ensureServer(serverRequest('one'));
    expect(await kinds()).toEqual(['port', 'server']);
  });

  test('is given up while Keystone says nothing', async () => {
    await simulated.inject({ fault: 'revoke-tokens' });
    await simulated.inject({ fault: 'silence', service: 'identity', seconds: 60 });

    const attempt = cloud.ensureServer(hurried(300));

    await expect(attempt).rejects.toMatchObject({ code: 'cloud-unreachable' });
  });

  test('sends nothing more, though each answer comes in time', async () => {
    front.delay = 150;

    const attempt = cloud.ensureServer(hurried(400));

    await expect(attempt).rejects.toMatchObject({ code: 'cloud-unreachable' });
    const sent = front.requests.length;
    await sleep(500);
    expect(front.requests).toHaveLength(sent);
    expect(front.requests).not.toContain('POST /compute/v2.1/servers');
  });

  test('gets the answer to a request that creates: what it makes would be lost', async () => {
    await cloud.ensureServer(serverRequest('earlier'));
    front.requests.length = 0;
    front.delay = ({ line }) => (line === 'POST /compute/v2.1/servers' ? 1500 : 0);

    const id = await cloud.ensureServer(hurried(1000));

    expect((await cloud.showServer(id))?.mark).toEqual({ owner: 'me', server: 'one' });
    expect(front.requests.filter((line) => line === 'POST /compute/v2.1/servers')).toHaveLength(1);
  });

  test('does not count against a cloud that had no time to answer', async () => {
    front.delay = 200;

    const attempts = Array.from({ length: 10 }, (_, index) =>
      cloud.ensureServer({ ...serverRequest(`n${index}`), patience: 50 }),
    );

    const results = await Promise.allSettled(attempts);
    expect(results.map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
    expect(cloud.health().state).toBe('closed');
  });
});

describe('while a volume is filled', () => {
  const place = { volume: { size: 1, type: undefined } };

  /** Cinder says that it copies the image, this often. */
  function fill(times: number): void {
    let left = times;
    front.intercept = ({ line }) => {
      if (!line.startsWith('GET /volume') || !/\/volumes\/[\da-f-]{36}$/u.test(line) || left === 0) return undefined;
      left -= 1;
      return { status: 200, body: { volume: { id: line.slice(-36), status: 'downloading' } } };
    };
  }

  test('the patience with the cloud begins anew with each answer', async () => {
    fill(2);

    const id = await cloud.ensureServer({ ...serverRequest('one', place), patience: 1500 });

    expect((await cloud.showServer(id))?.mark?.server).toBe('one');
  });

  test('the deadline of the boot is kept, and the volume found again later', async () => {
    fill(Infinity);

    const attempt = cloud.ensureServer({ ...serverRequest('one', place), deadline: Date.now() + 1500 });

    await expect(attempt).rejects.toMatchObject({
      code: 'server-boot-timeout',
      detail: expect.stringMatching(/^volume \S+ is still downloading$/u) as string,
    });
    front.intercept = () => undefined;
    await cloud.ensureServer(serverRequest('one', place));
    expect(await kinds()).toEqual(['port', 'server', 'volume']);
  });
});
