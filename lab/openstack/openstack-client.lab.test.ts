import { describe, expect, it } from 'vitest';
import { labOpenstack } from './lab-openstack.ts';
import { runOpenstackClient } from './openstack-client.ts';
import { openSession } from './openstack-session.ts';
import { createServer, deleteServer } from './raw-server.ts';
import type { RealOpenstack } from './start-openstack.ts';

const lab = labOpenstack();

describe.skipIf(!lab)('the command-line client of OpenStack on the lab', () => {
  const cloud = lab as RealOpenstack;

  it('sees the servers of its project', async () => {
    const session = await openSession(cloud.authUrl, cloud);
    const id = await createServer(session, cloud, { name: 'seen-by-client' });

    const servers = await runOpenstackClient<{ ID: string; Name: string }[]>(cloud, 'server list');

    expect(servers).toContainEqual(expect.objectContaining({ ID: id, Name: 'seen-by-client' }));
    await deleteServer(session, id);
  });
});
