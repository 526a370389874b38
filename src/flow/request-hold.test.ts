import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import type { HoldNeeds, HoldRequest } from './request-hold.ts';
import { requestHold } from './request-hold.ts';

const sshKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZA60vjXW6hqnagv5JEwyRaxqLgNjg9DwC/Npm9+AJn';
const minute = 60_000;

let builds: RunningBuilds;

beforeAll(async () => {
  builds = await prepareRunningBuilds();
});
afterAll(() => builds.drop());

function ask(request: Partial<HoldRequest>, hold = { maxTtl: 60 * minute, maxServers: 2 }): Promise<string> {
  const settings = {
    hold,
    jobs: [{ name: 'zvm-tempest' }],
    projects: [{ project: 'openstack/nova' }, { project: 'x/*' }],
  } as unknown as HoldNeeds['settings'];
  const any = { build: undefined, project: undefined, changeNumber: undefined, job: undefined };
  return requestHold(
    { store: builds.rows.store, settings },
    { ...any, reason: 'a leak', requestedBy: 'ann', sshKey, ...request },
  );
}

async function stored(id: string) {
  return (await builds.rows.store.holds(1000)).find((hold) => hold.id === id);
}

describe('a wish', () => {
  test('is written down as asked, text as harmless lines', async () => {
    const id = await ask({
      project: 'x/driver',
      changeNumber: 12,
      job: 'zvm-tempest',
      reason: ' a\n\u001b[31mleak\0 ',
      requestedBy: 'ann\u202e',
      sshKey: `${sshKey} ann@host\n`,
      ttl: 30 * minute,
    });

    expect(await stored(id)).toMatchObject({
      state: 'waiting',
      build: undefined,
      project: 'x/driver',
      changeNumber: 12,
      job: 'zvm-tempest',
      reason: 'a leak',
      requestedBy: 'ann',
      sshKey: `${sshKey} ann@host`,
      ttl: 30 * minute,
    });
  });

  test('without a time gets four hours, or what the configuration allows', async () => {
    const ids = [await ask({}), await ask({}, { maxTtl: 1440 * minute, maxServers: 1 })];

    const holds = await Promise.all(ids.map(stored));

    expect(holds.map((hold) => hold?.ttl)).toEqual([60 * minute, 240 * minute]);
  });

  test('may name a build that runs, not one that is over', async () => {
    const { lease } = await builds.rows.addRunning();
    const id = await ask({ build: lease.buildId });
    await builds.rows.store.finishBuild(lease, {
      result: 'FAILURE',
      reason: 'a test failed',
      errorCode: undefined,
      tests: undefined,
      failedTests: [],
    });

    const late = ask({ build: lease.buildId });

    await expect(late).rejects.toMatchObject({ code: 'hold-refused', detail: /the build is done/ });
    expect(await stored(id)).toMatchObject({ build: lease.buildId, state: 'waiting' });
  });

  test('is refused with everything that is wrong with it', async () => {
    const refused = ask({
      build: "1' or true --",
      project: 'openstack/cinder',
      changeNumber: 0.5,
      job: 'zvm',
      reason: '\n',
      requestedBy: '',
      sshKey: `command="x" ${sshKey}`,
      ttl: 61 * minute,
    });

    await expect(refused).rejects.toMatchObject({
      code: 'hold-refused',
      detail: [
        'the SSH key must begin with one of ssh-ed25519, ecdsa-sha2-nistp256, ecdsa-sha2-nistp384, ecdsa-sha2-nistp521, ' +
          'sk-ssh-ed25519@openssh.com, sk-ecdsa-sha2-nistp256@openssh.com, ssh-rsa; options and certificates are refused',
        'say for what reason',
        'say who wants the server',
        'a server may be held for 60 minutes at most (hold.max_ttl)',
        'name a build, or project, change and job, not both',
        'there is no job zvm',
        'the project openstack/cinder is not configured',
        'a change is given by its number',
        "there is no build 1' or true --.",
      ].join('; '),
    });
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('is refused for a time of %s ms', async (ttl) => {
    await expect(ask({ ttl })).rejects.toMatchObject({ code: 'hold-refused' });
  });

  test('is refused where no server may be held, and when there are a hundred', async () => {
    await expect(ask({}, { maxTtl: minute, maxServers: 0 })).rejects.toMatchObject({
      detail: /hold\.max_servers is 0/,
    });
    const open = (await builds.rows.store.holds(1000)).length;
    for (let count = open; count < 100; count += 1) await ask({});

    await expect(ask({})).rejects.toMatchObject({ detail: /there are 100 wishes already/ });
  });
});
