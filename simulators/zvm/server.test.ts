import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { act, call, createGuests, guest, output, start, stopAll } from './test-client.ts';

afterEach(stopAll);

describe('a guest', () => {
  it('is deployed, gets a network card, starts, pauses, reboots, shows its console, stops', async () => {
    const url = await start({ deployTime: 5 });
    await createGuests(url, 'za000001');
    await call(url, 'POST /images', {
      image: { image_name: 'img', url: 'file:///images/img', image_meta: { os_version: 'rhel7.2' } },
    });
    const networks = [{ ip_addr: '10.0.0.2', cidr: '10.0.0.0/24', mac_addr: '02:00:00:00:00:01', nic_id: 'n1' }];

    const deployed = await act(url, 'ZA000001', 'deploy', {
      image: 'img',
      transportfiles: '/cfgdrive.iso',
      remotehost: 'root@10.0.0.1',
    });
    const cards = await call(url, 'POST /guests/ZA000001/interface', {
      interface: { os_version: 'rhel7.2', guest_networks: networks },
    });
    const nic = await call(url, 'POST /guests/ZA000001/nic', { nic: { vdev: null, nic_id: 'n2' } });
    const steps = ['start', 'pause', 'unpause', 'reboot', 'reset', 'softstop'];
    const answers = [];
    for (const step of steps) answers.push((await act(url, 'za000001', step)).status);
    const shown = await act(url, 'ZA000001', 'get_console_output');

    expect(deployed.status).toBe(200);
    expect(output(cards)).toEqual([{ ...networks[0], nic_vdev: '1000' }]);
    expect(output(nic)).toBe('1003');
    expect(answers).toEqual([200, 200, 200, 200, 200, 200]);
    expect(output(shown)).toMatch(/Linux booting from img[^]*CP STOP[^]*CP BEGIN[^]*system is down/);
  });

  it('that is off cannot be paused (409), rebooted or asked for a console (500), and is not deployed from an unknown image (404)', async () => {
    const url = await start();
    await createGuests(url, 'ZA000001');

    const statuses = await Promise.all(
      ['pause', 'unpause', 'reboot', 'get_console_output'].map(
        async (action) => (await act(url, 'ZA000001', action)).status,
      ),
    );
    const deploy = await act(url, 'ZA000001', 'deploy', { image: 'none' });

    expect(statuses).toEqual([409, 409, 500, 500]);
    expect(deploy.status).toBe(404);
  });

  it('appears even when its creator has gone away meanwhile', async () => {
    const url = await start({ createTime: 100 });

    await expect(
      fetch(`${url}/guests`, {
        method: 'POST',
        body: JSON.stringify(guest('ZA000001')),
        signal: AbortSignal.timeout(20),
      }),
    ).rejects.toThrow();

    await expect.poll(async () => output(await call(url, 'GET /guests'))).toEqual(['ZA000001']);
  });

  it('is refused with what is wrong in the words of Feilong’s schema', async () => {
    const url = await start();
    const bodies = [
      {},
      { guest: { ...guest('A').guest, vcpus: 0 } },
      { guest: { ...guest('A').guest, colour: 'red' } },
      { guest: guest('A-B').guest },
    ];

    const answers = await Promise.all(bodies.map((body) => call(url, 'POST /guests', body)));

    expect(
      answers.map((answer) =>
        (answer.body as { errmsg: string }).errmsg.replace('ValidationError: Validation error: ', ''),
      ),
    ).toEqual([
      "'guest' is a required property",
      'Invalid input for field/attribute vcpus. Value: 0. 0 is less than the minimum of 1',
      "Invalid input for field/attribute guest. Value: {'userid': 'A', 'vcpus': 1, 'memory': 512, 'disk_list': [{'size': '1g', 'is_boot_disk': True}], 'colour': 'red'}. Additional properties are not allowed ('colour' was unexpected)",
      "Invalid input for field/attribute userid. Value: A-B. 'A-B' does not match '^(\\\\w{,8})$'",
    ]);
  });
});

describe('z/VM’s directory', () => {
  it('is kept apart from Feilong’s database: a foreign guest is hidden, blocks its name, and is deleted only once registered', async () => {
    const url = await start();
    await call(url, 'POST /simulator/directory', { userid: 'ZA000001', power: 'on' });

    const listed = await call(url, 'GET /guests');
    const onHost = await call(url, 'GET /host/guests');
    const real = await call(url, 'GET /guests/ZA000001/power_state_real');
    const refused = await call(url, 'POST /guests', guest('ZA000001'));
    const deleted = await call(url, 'DELETE /guests/ZA000001');
    const registered = await act(url, 'ZA000001', 'register_vm', { meta: 'os_version=rhel7.2', net_set: '1' });
    const deletedThen = await call(url, 'DELETE /guests/ZA000001');

    expect(output(listed)).toEqual([]);
    expect(output(onHost)).toContain('ZA000001');
    expect(output(real)).toBe('on');
    expect([refused.status, deleted.status, registered.status, deletedThen.status]).toEqual([409, 404, 409, 200]);
  });

  it('keeps a guest that Feilong only forgets', async () => {
    const url = await start();
    await createGuests(url, 'ZA000001');

    await act(url, 'ZA000001', 'deregister_vm');

    expect(output(await call(url, 'GET /guests'))).toEqual([]);
    expect(output(await call(url, 'GET /host/guests'))).toContain('ZA000001');
  });
});

describe('faults', () => {
  it('let Feilong answer the list of guests with HTTP 200 and overallRC 101 while sdkserver is down', async () => {
    const url = await start();
    await call(url, 'POST /simulator/faults', { kind: 'sdkserver-down' });

    const answers = [await call(url, 'GET /guests'), await call(url, 'GET /host'), await call(url, 'GET /')];

    expect(answers.map((answer) => [answer.status, (answer.body as { overallRC: number }).overallRC])).toEqual([
      [200, 101],
      [500, 101],
      [200, 0],
    ]);
  });

  it('end after their count, or when cleared', async () => {
    const url = await start();
    await call(url, 'POST /simulator/faults', { kind: 'refuse', count: 1 });
    await call(url, 'POST /simulator/faults', { kind: 'delay', ms: 1 });

    const refused = await call(url, 'GET /guests');
    const then = await call(url, 'GET /guests');
    await call(url, 'DELETE /simulator/faults');

    expect([refused.status, then.status]).toEqual([503, 200]);
    expect((await call(url, 'GET /simulator/faults')).body).toEqual([]);
  });

  it('that nobody knows are refused', async () => {
    const url = await start();

    const answers = [
      await call(url, 'POST /simulator/faults', { kind: 'fire' }),
      await call(url, 'GET /simulator/nothing'),
    ];

    expect(answers.map((answer) => answer.status)).toEqual([400, 404]);
  });
});

it('tells who did what to which userid, and how many guests of a prefix there were at once', async () => {
  const url = await start();
  await createGuests(url, 'ZA000001', 'ZA000002', 'ZB000001', 'ZA000001');
  await call(url, 'DELETE /guests/ZA000002', undefined, { 'user-agent': 'sweeper' });

  const audit = (await call(url, 'GET /simulator/audit')).body as {
    events: { what: string; userid: string; client: string }[];
  };

  expect(audit).toMatchObject({
    guests: ['ZA000001', 'ZB000001'],
    maximum: { ZA0: 2, ZB0: 1 },
    maximumInAll: 3,
    overlaps: 1,
    dropped: 0,
  });
  expect(audit.events.map((event) => event.what)).toEqual([
    'created',
    'created',
    'created',
    'create-refused',
    'deleted',
  ]);
  expect(audit.events.at(-1)?.client).toBe('127.0.0.1 sweeper');
});

it('gives a token for the admin token and accepts it until then', async () => {
  const url = await start({ adminToken: 'secret' });
  const response = await fetch(`${url}/token`, { method: 'POST', headers: { 'X-Admin-Token': 'secret' } });
  const token = response.headers.get('x-auth-token') ?? '';

  const answer = await call(url, 'GET /guests', undefined, { 'X-Auth-Token': token });
  const forged = await call(url, 'GET /guests', undefined, { 'X-Auth-Token': `${token}x` });

  expect([answer.status, forged.status]).toEqual([200, 401]);
});

it('survives bodies that are no JSON, too deep or too long', async () => {
  const url = await start();
  const bodies = ['{', '['.repeat(100_000) + ']'.repeat(100_000), `"${'x'.repeat(2_000_000)}"`];

  const statuses = await Promise.all(
    bodies.map(async (body) => (await fetch(`${url}/guests`, { method: 'POST', body })).status),
  );

  expect(statuses).toEqual([400, 400, 413]);
  expect((await call(url, 'GET /guests')).status).toBe(200);
});

it('as a process prints one line when ready and ends when its standard input closes', async () => {
  const main = fileURLToPath(new URL('main.ts', import.meta.url));
  const child = spawn(process.execPath, [main, '--until-stdin-closes'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'exit');
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];

  const { ready, url } = JSON.parse(line) as { ready: boolean; url: string };
  const answer = await call(url, 'GET /');
  child.stdin.end();

  expect(ready).toBe(true);
  expect(answer.status).toBe(200);
  expect(await ended).toEqual([0, null]);
});
