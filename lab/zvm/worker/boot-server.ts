import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { openSession } from '../../openstack/openstack-session.ts';
import type { OpenstackAddress } from '../../openstack/start-openstack.ts';

const LIMIT = 120_000;

interface Booted {
  readonly status: string;
  readonly 'OS-EXT-SRV-ATTR:instance_name': string;
  readonly fault?: { readonly message: string };
}

/** On a test server: boots a server in its own OpenStack and says as JSON how it went. `cloud` is what main.ts wrote down. */
async function bootServer(cloud: OpenstackAddress): Promise<Booted> {
  const session = await openSession(cloud.authUrl, cloud.users.admin);
  const { images } = await session.ask<{ images: { id: string }[] }>('image', 'GET /v2/images?name=zvm-image');
  const server = {
    name: 'trial',
    imageRef: images[0]?.id,
    flavorRef: cloud.flavors.tiny.id,
    networks: [{ uuid: cloud.networks.lan.id }],
  };
  const { server: made } = await session.ask<{ server: { id: string } }>('compute', 'POST /servers', {
    body: { server },
  });
  const deadline = Date.now() + LIMIT;
  for (;;) {
    const { server: now } = await session.ask<{ server: Booted }>('compute', `GET /servers/${made.id}`);
    if (now.status === 'ACTIVE' || now.status === 'ERROR') return now;
    if (Date.now() > deadline) throw new Error(`the server is still ${now.status}`);
    await wait(500);
  }
}

const [file = ''] = process.argv.slice(2);
console.log(JSON.stringify(await bootServer(JSON.parse(readFileSync(file, 'utf8')) as OpenstackAddress)));
