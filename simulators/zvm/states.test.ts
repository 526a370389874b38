import { afterEach, describe, expect, it } from 'vitest';
import { act, call, codes, createGuests, errmsg, guest, output, start, startSystems, stopAll } from './test-client.ts';

afterEach(stopAll);

const adoption = { meta: 'os_version=rhel7.2', net_set: '1' };

describe('z/VM’s directory and Feilong’s database', () => {
  it('are kept apart: a foreign guest is hidden, blocks its name, and is deleted only once registered', async () => {
    const url = await start();
    await call(url, 'POST /simulator/directory', { userid: 'ZA000001', power: 'on' });

    const listed = await call(url, 'GET /guests');
    const onHost = await call(url, 'GET /host/guests');
    const real = await call(url, 'GET /guests/ZA000001/power_state_real');
    const refused = await call(url, 'POST /guests', guest('ZA000001'));
    const deleted = await call(url, 'DELETE /guests/ZA000001');
    const registered = await act(url, 'ZA000001', 'register_vm', adoption);
    const deletedThen = await call(url, 'DELETE /guests/ZA000001');

    expect(output(listed)).toEqual([]);
    expect(output(onHost)).toContain('ZA000001');
    expect(output(real)).toBe('on');
    expect([refused.status, deleted.status, registered.status, deletedThen.status]).toEqual([409, 404, 409, 200]);
    expect(errmsg(registered)).toMatch(/No NIC found on userid ZA000001$/);
  });

  it('meet without an error when the foreign guest has a network card, and in 1.4.1 always', async () => {
    const url = await start();
    const old = await start({ release: '1.4.1' });
    await call(url, 'POST /simulator/directory', { userid: 'ZA000001', nic: true });
    await call(old, 'POST /simulator/directory', { userid: 'ZA000001' });

    const answers = [
      await act(url, 'ZA000001', 'register_vm', adoption),
      await act(old, 'ZA000001', 'register_vm', adoption),
    ];

    expect(answers.map(codes)).toEqual(['200 0/0/0', '200 0/0/0']);
    expect(output(await call(url, 'GET /guests/nics?userid=ZA000001'))).toMatchObject([{ interface: '1000' }]);
  });

  it('keep a guest that Feilong only forgets', async () => {
    const url = await start();
    await createGuests(url, 'ZA000001');

    await act(url, 'ZA000001', 'deregister_vm');

    expect(output(await call(url, 'GET /guests'))).toEqual([]);
    expect(output(await call(url, 'GET /host/guests'))).toContain('ZA000001');
  });

  it('disagree about a guest that vanished: Feilong lists it, cannot start it, and deletes its own row', async () => {
    const url = await start();
    await createGuests(url, 'ZA000001');
    await call(url, 'DELETE /simulator/directory/ZA000001');

    const listed = await call(url, 'GET /guests');
    const state = await call(url, 'GET /guests/ZA000001/power_state');
    const started = await act(url, 'ZA000001', 'start');
    const deleted = await call(url, 'DELETE /guests/ZA000001');

    expect(output(listed)).toEqual(['ZA000001']);
    expect([state, started, deleted].map(codes)).toEqual(['404 404/404/3', '404 8/400/4', '200 0/0/0']);
    expect(output(await call(url, 'GET /guests'))).toEqual([]);
  });

  it('can be told to have rows without guests, locks and images, which the audit shows as left', async () => {
    const url = await start();
    await createGuests(url, 'ZA000001');
    await call(url, 'POST /simulator/database', { userid: 'ZA000002' });
    await call(url, 'POST /simulator/directory', { userid: 'ZA000003' });
    await call(url, 'POST /simulator/images', { name: 'left-over' });
    await call(url, 'POST /simulator/locks', { userid: 'ZA000001' });

    const { left } = (await call(url, 'GET /simulator/audit')).body as { left: object };

    expect(left).toEqual({
      guests: [
        { userid: 'ZA000001', directory: true, database: true, client: '127.0.0.1 node' },
        { userid: 'ZA000002', directory: false, database: true },
        { userid: 'ZA000003', directory: true, database: false },
      ],
      images: [{ name: 'left-over', client: 'lever' }],
      locks: ['ZA000001'],
    });
  });
});

describe('a lock', () => {
  it('keeps a guest from being deleted until it is taken away', async () => {
    const url = await start();
    await createGuests(url, 'ZA000001');
    await call(url, 'POST /simulator/locks', { userid: 'ZA000001' });

    const refused = [await call(url, 'DELETE /guests/ZA000001'), await call(url, 'DELETE /guests/ZA000001')];
    await call(url, 'DELETE /simulator/locks/ZA000001');
    const deleted = await call(url, 'DELETE /guests/ZA000001');

    expect([...refused, deleted].map(codes)).toEqual(['500 8/400/12', '500 8/400/12', '200 0/0/0']);
  });
});

describe('the capacity', () => {
  it('is told by the host and its disk pool, less what guests and others use', async () => {
    const url = await start({ capacity: { memory: 8192, memoryOfOthers: 1024, diskPool: 100, diskOfOthers: 40 } });
    await createGuests(url, 'ZA000001');
    await act(url, 'ZA000001', 'start');

    const host = output(await call(url, 'GET /host'));
    await call(url, 'POST /simulator/capacity', { diskOfOthers: 90 });
    const pool = output(await call(url, 'GET /host/diskpool?poolname=ECKD:POOL1'));

    expect(host).toMatchObject({
      memory_mb: 8192,
      memory_mb_used: 1536,
      disk_total: 100,
      disk_used: 41,
      disk_available: 59,
    });
    expect(pool).toEqual({ disk_total: 100, disk_used: 91, disk_available: 9 });
  });

  it('of the pool limits disks: the guest that got none stays, as Feilong leaves it', async () => {
    const url = await start({ capacity: { diskPool: 1 } });

    const answers = [
      await call(url, 'POST /guests', guest('ZA000001')),
      await call(url, 'POST /guests', guest('ZA000002')),
    ];

    expect(answers.map(codes)).toEqual(['200 0/0/0', '500 8/596/6213']);
    expect(output(await call(url, 'GET /guests'))).toEqual(['ZA000001', 'ZA000002']);
  });

  it('of deploys limits how many run at once; the others are told so, whatever their guest', async () => {
    const url = await start({ deployTime: 400, capacity: { deploys: 2 } });
    await createGuests(url, 'ZA000001', 'ZA000002', 'ZA000003');
    await call(url, 'POST /simulator/images', { name: 'img' });
    const deploy = (userid: string) => act(url, userid, 'deploy', { image: 'img' });

    const answers = await Promise.all(['ZA000001', 'ZA000002', 'ZA000003'].map(deploy));
    const later = await deploy('ZA000003');

    expect(answers.map(codes).toSorted()).toEqual(['200 0/0/0', '200 0/0/0', '503 503/503/1']);
    expect(later.status).toBe(200);
  });

  it('that is no number is refused', async () => {
    const url = await start();

    const answers = [
      await call(url, 'POST /simulator/capacity', { memory: 'much' }),
      await call(url, 'POST /simulator/capacity', { cpus: 4 }),
    ];

    expect(answers.map(({ status }) => status)).toEqual([400, 400]);
  });
});

describe('snapshots as nova takes them', () => {
  it('are captured, exported and deleted; the guest runs again', async () => {
    const url = await start();
    await createGuests(url, 'ZA000001');
    await call(url, 'POST /simulator/images', { name: 'img' });
    await act(url, 'ZA000001', 'deploy', { image: 'img' });
    await act(url, 'ZA000001', 'start');

    const captured = await act(url, 'ZA000001', 'capture', { image: 'snap' });
    const location = { dest_url: 'file:///opt/stack/snap', remote_host: 'stack@192.0.2.7' };
    const exported = await call(url, 'PUT /images/snap', { location });
    await call(url, 'DELETE /images/snap');

    expect([captured, exported].map(codes)).toEqual(['200 0/0/0', '200 0/0/0']);
    expect(output(exported)).toMatchObject({
      image_name: 'snap',
      image_path: 'file:///opt/stack/snap',
      os_version: 'rhel7.2',
    });
    expect(output(await call(url, 'GET /guests/ZA000001/power_state'))).toBe('on');
    expect((await call(url, 'GET /images?imagename=snap')).status).toBe(404);
  });
});

it('several systems have directories, databases and images of their own', async () => {
  const { LPAR1 = '', LPAR2 = '' } = await startSystems(['LPAR1', 'LPAR2']);
  await createGuests(LPAR1, 'ZA000001');

  const created = await call(LPAR2, 'POST /guests', guest('ZA000001'));

  expect(created.status).toBe(200);
  expect(output(await call(LPAR2, 'GET /host'))).toMatchObject({ hypervisor_hostname: 'LPAR2' });
});
