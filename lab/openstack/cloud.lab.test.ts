import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';
import { labOpenstack } from './lab-openstack.ts';
import { openSession } from './openstack-session.ts';
import type { OpenstackSession } from './openstack-session.ts';
import type { Login } from './raw-server.ts';
import { createServer, deleteServer, runOverSsh, untilHostKey, untilStatus } from './raw-server.ts';
import type { RealOpenstack } from './start-openstack.ts';

const lab = labOpenstack();
const keypair = 'raw';
const { privateKey, publicKey } = generateSshKey('raw@lab');

describe.skipIf(!lab)('the real OpenStack of the lab', () => {
  const cloud = lab as RealOpenstack;
  const created: string[] = [];
  let session: OpenstackSession;

  beforeAll(async () => {
    session = await openSession(cloud.authUrl, cloud);
    await session.ask('compute', 'POST /os-keypairs', { body: { keypair: { name: keypair, public_key: publicKey } } });
  });
  afterAll(async () => {
    for (const id of created) await deleteServer(session, id);
    await session.ask('compute', `DELETE /os-keypairs/${keypair}`);
  });

  async function boot(changes: Readonly<Record<string, unknown>>): Promise<string> {
    const id = await createServer(session, cloud, { key_name: keypair, ...changes });
    created.push(id);
    return id;
  }

  async function loginOf(id: string): Promise<Login> {
    const { addresses } = await untilStatus(session, id, 'ACTIVE');
    return { host: addresses['lan']?.[0]?.addr ?? '', privateKey, hostKey: await untilHostKey(session, id) };
  }

  async function run(id: string, command: string): Promise<string> {
    return runOverSsh(await loginOf(id), command);
  }

  it('boots a server with the key and the user data it was asked for, and deletes it', async () => {
    const userData = Buffer.from('#!/bin/sh\necho prepared >/root/mark\n').toString('base64');
    const id = await boot({ name: 'raw-1', user_data: userData, availability_zone: 'zone-b' });

    const said = await run(id, 'hostname; whoami; cat /root/mark; ip -brief address show eth0');
    await deleteServer(session, id);

    expect(said).toMatch(/^raw-1\nroot\nprepared\neth0\S* +UP +198\.18\./u);
    expect((await session.call('compute', `GET /servers/${id}`)).status).toBe(404);
    const { ports } = await session.ask<{ ports: unknown[] }>('network', `GET /v2.0/ports?device_id=${id}`);
    expect(ports).toEqual([]);
  });

  it('boots from a snapshot what was on the disk of another server, with a host key of its own', async () => {
    const first = await boot({ name: 'raw-2' });
    await run(first, 'echo baked >/opt/mark; rm /etc/issue');
    const { image_id: image } = await session.ask<{ image_id: string }>('compute', `POST /servers/${first}/action`, {
      body: { createImage: { name: 'raw-snapshot' } },
      headers: { 'OpenStack-API-Version': 'compute 2.45' },
    });
    await expect
      .poll(() => session.ask<{ status: string }>('image', `GET /v2/images/${image}`), { timeout: 60_000 })
      .toMatchObject({ status: 'active' });

    const second = await boot({ name: 'raw-3', imageRef: image });
    const said = await run(second, 'hostname; cat /opt/mark; test -e /etc/issue || echo removed');

    expect(said).toBe('raw-3\nbaked\nremoved\n');
    expect(await untilHostKey(session, second)).not.toBe(await untilHostKey(session, first));
    await session.ask('image', `DELETE /v2/images/${image}`);
  });

  it('keeps servers while nova-compute is killed, and what is on their disks while they are off', async () => {
    const id = await boot({ name: 'raw-4', availability_zone: 'zone-a' });
    const login = await loginOf(id);
    await runOverSsh(login, 'echo kept >/opt/mark');

    await cloud.kill('nova-compute-a');
    const meanwhile = await runOverSsh(login, 'cat /opt/mark');
    await cloud.start('nova-compute-a');
    await session.ask('compute', `POST /servers/${id}/action`, { body: { 'os-stop': null } });
    await untilStatus(session, id, 'SHUTOFF');
    await session.ask('compute', `POST /servers/${id}/action`, { body: { 'os-start': null } });
    const afterwards = await run(id, 'cat /opt/mark');

    expect([meanwhile, afterwards]).toEqual(['kept\n', 'kept\n']);
  });

  it('lets a server hang in BUILD until it is deleted', async () => {
    const id = await boot({ name: 'raw-5', metadata: { lab_boot: 'hang' } });

    const { server } = await session.ask<{ server: { status: string } }>('compute', `GET /servers/${id}`);
    await deleteServer(session, id);

    expect(server.status).toBe('BUILD');
  });

  it('shows nothing of one project to another', async () => {
    await boot({ name: 'raw-6' });
    const other = await openSession(cloud.authUrl, cloud.users.other);

    const { servers } = await other.ask<{ servers: unknown[] }>('compute', 'GET /servers');

    expect(servers).toEqual([]);
  });
});
