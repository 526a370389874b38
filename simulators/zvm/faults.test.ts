import { afterEach, describe, expect, it } from 'vitest';
import { act, call, codes, createGuests, errmsg, fault, guest, output, start, stopAll } from './test-client.ts';
import type { Answer } from './test-client.ts';

afterEach(stopAll);

const patience = { timeout: 10_000 };
const deployment = { image: 'img', transportfiles: '/cfgdrive.iso', remotehost: 'root@192.0.2.7' };

/** A simulator with an image and guests, one per name. */
async function startWith(...userids: string[]): Promise<string> {
  const url = await start();
  await call(url, 'POST /simulator/images', { name: 'img' });
  await createGuests(url, ...userids);
  return url;
}

describe('faults', () => {
  it('end after their count, or when cleared, all or of a kind; the list tells how often each happened', async () => {
    const url = await start();
    await fault(url, 'refuse', { count: 1 });
    await fault(url, 'delay', { ms: 1, count: 5 });
    await fault(url, 'no-console');

    const refused = await call(url, 'GET /guests');
    const then = await call(url, 'GET /guests');
    const listed = await call(url, 'GET /simulator/faults');
    const without = await call(url, 'DELETE /simulator/faults/delay');
    await call(url, 'DELETE /simulator/faults');

    expect([refused.status, then.status]).toEqual([503, 200]);
    expect(listed.body).toEqual([
      { kind: 'delay', ms: 1, count: 3, happened: 2 },
      { kind: 'no-console', happened: 0 },
    ]);
    expect(without.body).toEqual([{ kind: 'no-console', happened: 0 }]);
    expect((await call(url, 'GET /simulator/faults')).body).toEqual([]);
  });

  it('come by chance at their rate, the same ones for the same seed', async () => {
    const statuses = async () => {
      const url = await start({ seed: 7 });
      await fault(url, 'refuse', { rate: 0.3 });
      const answers: Answer[] = [];
      for (let index = 0; index < 100; index += 1) answers.push(await call(url, 'GET /guests'));
      return answers.map(({ status }) => status);
    };

    const [first, second] = [await statuses(), await statuses()];

    expect(second).toEqual(first);
    expect(first.filter((status) => status === 503).length).toBeGreaterThan(10);
    expect(first.filter((status) => status === 503).length).toBeLessThan(60);
  });

  it('concern one userid, a prefix, or everybody', async () => {
    const url = await startWith('ZA000001', 'ZA000002', 'ZB000001');
    await fault(url, 'locked', { userid: 'za000001' });
    await fault(url, 'smapi-error', { prefix: 'zb', api: 'Image_Delete_DM' });

    const answers = [
      await call(url, 'DELETE /guests/ZA000001'),
      await call(url, 'DELETE /guests/ZA000002'),
      await call(url, 'DELETE /guests/ZB000001'),
    ];

    expect(answers.map(codes)).toEqual(['500 8/400/12', '200 0/0/0', '500 8/596/6213']);
  });

  it('that nobody knows are refused', async () => {
    const url = await start();

    const answers = [
      await fault(url, 'fire'),
      await fault(url, 'locked', { name: 'ZA000001' }),
      await fault(url, 'refuse', { rate: 2 }),
      await call(url, 'GET /simulator/nothing'),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400, 400, 404]);
  });
});

describe('an outage', () => {
  it('of sdkserver hides behind HTTP 200 in the list of guests', async () => {
    const url = await start();
    await fault(url, 'sdkserver-down');

    const answers = [await call(url, 'GET /guests'), await call(url, 'GET /host'), await call(url, 'GET /')];

    expect(answers.map(codes)).toEqual(['200 101/101/2', '500 101/101/2', '200 0/0/0']);
  });

  it('of some calls leaves the others alone', async () => {
    const url = await start();
    await fault(url, 'refuse', { method: 'GET', path: '/host' });

    const answers = [
      await call(url, 'GET /host'),
      await call(url, 'GET /guests'),
      await call(url, 'POST /guests', guest('A')),
    ];

    expect(answers.map(({ status }) => status)).toEqual([503, 200, 200]);
  });

  it('of the connection comes in the middle of the answer, with what was asked for done, or before', async () => {
    const url = await start();
    await fault(url, 'cut', { method: 'POST', count: 1 });

    await expect(call(url, 'POST /guests', guest('ZA000001'))).rejects.toThrow();
    await fault(url, 'cut', { method: 'POST', handled: false, count: 1 });
    await expect(call(url, 'POST /guests', guest('ZA000002'))).rejects.toThrow();

    expect(output(await call(url, 'GET /guests'))).toEqual(['ZA000001']);
  });

  it('of SMAPI is told by the check of health, of older releases by another path and without an envelope', async () => {
    const url = await start({ release: 'development' });
    const old = await start();
    await fault(url, 'smapi-unhealthy');
    await fault(old, 'smapi-unhealthy');

    const answers = [await call(url, 'GET /smapi_health'), await call(old, 'GET /smapi-healthy')];
    const unknown = await call(old, 'GET /smapi_health');

    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    expect(output(answers[0]!)).toMatchObject({ healthy: false, continuousFail: 20 });
    expect(answers[1]!.body).toMatchObject({ SMAPI: { healthy: false, continueousFail: 20 } });
    expect(unknown.status).toBe(404);
  });
});

describe('SMAPI', () => {
  it('fails in any function, with any code', async () => {
    const url = await startWith('ZA000001');
    const wanted = {
      'POST /guests': 'Image_Create_DM',
      'GET /host': 'System_Information_Query',
      'GET /host/guests': 'Image_Name_Query_DM',
      'GET /guests/ZA000001': 'Image_Query_DM',
      'GET /guests/ZA000001/power_state': 'Image_Status_Query',
      'DELETE /guests/ZA000001': 'Image_Delete_DM',
    };

    const answers: Answer[] = [];
    for (const [route, api] of Object.entries(wanted)) {
      await fault(url, 'smapi-error', { api, rc: 900, rs: 12, text: 'worker server is busy', count: 1 });
      answers.push(await call(url, route, route === 'POST /guests' ? guest('ZA000002') : undefined));
    }

    expect(answers.map(codes)).toEqual(answers.map(() => '500 8/900/12'));
    for (const answer of answers) expect(errmsg(answer)).toContain('worker server is busy');
    expect((await call(url, 'GET /simulator/faults')).body).toEqual([]);
  });

  it('keeps an entry locked for some tries', async () => {
    const url = await startWith('ZA000001');
    await fault(url, 'locked', { userid: 'ZA000001', count: 2 });

    const answers: Answer[] = [];
    for (let attempt = 0; attempt < 3; attempt += 1) answers.push(await call(url, 'DELETE /guests/ZA000001'));

    expect(answers.map(codes)).toEqual(['500 8/400/12', '500 8/400/12', '200 0/0/0']);
  });
});

describe('a slow create', () => {
  it('shows its guest only after it was deleted with success', async () => {
    const url = await start();
    await fault(url, 'slow-create', { ms: 500, count: 1 });

    const creating = call(url, 'POST /guests', guest('ZA000001'));
    await expect.poll(async () => (await call(url, 'GET /simulator/faults')).body).toEqual([]);
    const deleted = await call(url, 'DELETE /guests/ZA000001');
    const listed = await call(url, 'GET /guests');
    const created = await creating;

    expect([deleted, created].map(codes)).toEqual(['200 0/0/0', '200 0/0/0']);
    expect(output(listed)).toEqual([]);
    expect(output(await call(url, 'GET /guests'))).toEqual(['ZA000001']);
  });

  it('whose sdkserver is killed leaves an entry that Feilong does not know', async () => {
    const url = await start();
    await fault(url, 'killed-mid-create', { seconds: 1, count: 1 });

    const created = await call(url, 'POST /guests', guest('ZA000001'));
    const meanwhile = await call(url, 'GET /guests');
    await expect.poll(async () => codes(await call(url, 'GET /guests')), patience).toBe('200 0/0/0');
    const deleted = await call(url, 'DELETE /guests/ZA000001');

    expect(codes(created)).toBe('500 101/101/4');
    expect(errmsg(created)).toBe('Client receive empty data from SDK server');
    expect(codes(meanwhile)).toBe('200 101/101/2');
    expect(codes(deleted)).toBe('404 404/404/1');
    expect(output(await call(url, 'GET /host/guests'))).toContain('ZA000001');
  });
});

describe('a deploy', () => {
  it('is refused as if too many were running, cannot reach the worker, cannot write the disk', async () => {
    const url = await startWith('ZA000001');
    const answers: Answer[] = [];
    for (const kind of ['deploys-full', 'scp-fails', 'unpack-fails']) {
      await fault(url, kind, { count: 1 });
      answers.push(await act(url, 'ZA000001', 'deploy', deployment));
    }
    answers.push(await act(url, 'ZA000001', 'deploy', deployment));

    expect(answers.map(codes)).toEqual(['503 503/503/1', '500 300/300/4', '500 300/300/3', '200 0/0/0']);
    expect(errmsg(answers[1]!)).toContain('root@192.0.2.7:/cfgdrive.iso');
  });

  it('that is slow holds its place', async () => {
    const url = await startWith('ZA000001', 'ZA000002');
    await call(url, 'POST /simulator/capacity', { deploys: 1 });
    await fault(url, 'slow-deploy', { ms: 500, userid: 'ZA000001' });

    const slow = act(url, 'ZA000001', 'deploy', deployment);
    await expect.poll(async () => (await call(url, 'GET /simulator/faults')).body).toMatchObject([{ happened: 1 }]);
    const other = await act(url, 'ZA000002', 'deploy', deployment);

    expect([await slow, other].map(({ status }) => status)).toEqual([200, 503]);
  });
});

describe('the worker', () => {
  it('cannot be copied from or to, one way at a time', async () => {
    const url = await startWith();
    const image = {
      image_name: 'new',
      url: 'file:///images/new',
      image_meta: { os_version: 'rhel7.2' },
      remote_host: 'root@192.0.2.7',
    };
    const location = { dest_url: 'file:///opt/snap', remote_host: 'root@192.0.2.7' };
    await fault(url, 'scp-fails', { of: 'image', count: 1 });
    await fault(url, 'scp-fails', { of: 'export', count: 1 });

    const exported = await call(url, 'PUT /images/img', { location });
    const imported = await call(url, 'POST /images', { image });

    expect([exported, imported].map(codes)).toEqual(['500 300/300/21', '500 300/300/10']);
    expect((await call(url, 'GET /images?imagename=new')).status).toBe(404);
  });
});

describe('a guest', () => {
  it('vanishes behind Feilong’s back after its start', async () => {
    const url = await startWith('ZA000001', 'ZB000001');
    await fault(url, 'vanish', { prefix: 'ZA', seconds: 0.05 });

    await act(url, 'ZA000001', 'start');
    await act(url, 'ZB000001', 'start');

    await expect.poll(async () => output(await call(url, 'GET /host/guests'))).not.toContain('ZA000001');
    expect(output(await call(url, 'GET /host/guests'))).toContain('ZB000001');
    expect(output(await call(url, 'GET /guests'))).toEqual(['ZA000001', 'ZB000001']);
    const { events } = (await call(url, 'GET /simulator/audit')).body as { events: object[] };
    expect(events.at(-1)).toMatchObject({ what: 'vanished', userid: 'ZA000001' });
  });

  it('logs off by itself after its start', async () => {
    const url = await startWith('ZA000001');
    await fault(url, 'power-off', { seconds: 0.05, count: 1 });

    await act(url, 'ZA000001', 'start');

    await expect.poll(async () => output(await call(url, 'GET /guests/ZA000001/power_state'))).toBe('off');
  });

  it('gets no disk from a full pool, and no console to read', async () => {
    const url = await startWith('ZA000001');
    await act(url, 'ZA000001', 'start');
    await fault(url, 'pool-full', { userid: 'ZA000002' });
    await fault(url, 'no-console', { count: 1 });

    const created = await call(url, 'POST /guests', guest('ZA000002'));
    const consoles = [
      await act(url, 'ZA000001', 'get_console_output'),
      await act(url, 'ZA000001', 'get_console_output'),
    ];

    expect([created, ...consoles].map(codes)).toEqual(['500 8/596/6213', '500 8/8/8', '200 0/0/0']);
  });
});

describe('the host', () => {
  it('is told without its disk pool, or with something else in it', async () => {
    const url = await start();
    await fault(url, 'no-disk-pool', { count: 1 });
    const poolless = output(await call(url, 'GET /host'));
    await fault(url, 'wrong-host', { output: { hypervisor_hostname: 'OTHER', disk_total: null }, count: 1 });
    const wrong = output(await call(url, 'GET /host')) as object;

    expect(poolless).toMatchObject({ disk_total: 0, disk_used: 0, disk_available: 0 });
    expect(wrong).toMatchObject({ hypervisor_hostname: 'OTHER' });
    expect(Object.keys(wrong)).not.toContain('disk_total');
  });
});
