import { afterEach, beforeEach, expect, test } from 'vitest';
import { newKey } from '../../../simulators/openstack/testing/ssh.ts';
import { errorCode } from '../../domain/errors.ts';
import { sleep } from '../../shared/clock.ts';
import type { CloudPlace } from '../../domain/settings.ts';
import type { Cloud, ServerRequest } from '../../ports/cloud.ts';
import { openCloud, serverRequest, startSimulatedCloud } from './testing/simulated-cloud.ts';
import type { SimulatedCloud } from './testing/simulated-cloud.ts';

let simulated: SimulatedCloud;
let cloud: Cloud;

beforeEach(async () => {
  const unlimited = { instances: -1, cores: -1, ram: -1 };
  simulated = await startSimulatedCloud({ sshServers: false, quota: unlimited, seed: 4 });
  cloud = openCloud({ ...simulated.access, apiTimeout: 2000 });
  await cloud.ensureKeypair('sidegate', newKey().public);
});

afterEach(async () => {
  await simulated.close();
});

const troubles: readonly Readonly<Record<string, unknown>>[] = [
  { fault: 'http', status: 503, form: 'html', rate: 0.05 },
  { fault: 'cut', rate: 0.05 },
  { fault: 'too-many-requests', retryAfter: 0, rate: 0.05 },
  { fault: 'revoke-token', rate: 0.05 },
  { fault: 'create-cut', rate: 0.05 },
  { fault: 'create-lost', rate: 0.05 },
  { fault: 'create-error', rate: 0.05 },
  { fault: 'stuck-build', rate: 0.05 },
  { fault: 'stuck-delete', rate: 0.05 },
];

/** As the flow does: again after trouble, and by force when it takes long. True when asking twice made one server. */
async function createAndRemove(request: ServerRequest): Promise<boolean> {
  const id = await persist(() => cloud.ensureServer(request));
  const again = await persist(() => cloud.ensureServer(request));
  const remains = { ...request, id };
  for (let steps = 0; !(await persist(() => cloud.removeServer(remains, steps > 20))); steps += 1) await sleep(20);
  return id === again;
}

async function persist<Result>(action: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await action();
    } catch (error) {
      if (!['cloud-unreachable', 'cloud-auth'].includes(errorCode(error) ?? '')) throw error;
      await sleep(50);
    }
  }
}

test('with trouble of every kind no server is made twice and nothing is left', { timeout: 120_000 }, async () => {
  for (const trouble of troubles) await simulated.inject(trouble);
  const kinds: Partial<CloudPlace>[] = [
    {},
    { networks: ['ci-net'], floatingNetwork: 'public' },
    { networks: ['lan', 'ci-net'] },
  ];
  const requests = Array.from({ length: 45 }, (_, index) => serverRequest(`n${index}`, kinds[index % kinds.length]));

  const once = await Promise.all(requests.map(createAndRemove));

  await simulated.api.call('DELETE', '/simulator/faults');
  expect(once).toEqual(Array(45).fill(true));
  const marked = await persist(() => cloud.listMarked('me'));
  expect(marked).toEqual([]);
});
