import { afterAll, beforeAll, expect, test } from 'vitest';
import { startHostileServer } from '../adapters/ssh/testing/hostile-server.ts';
import type { HostileServer } from '../adapters/ssh/testing/hostile-server.ts';
import type { RackSettings, ServerLabel } from '../domain/settings.ts';
import { generateSshKey } from '../shared/generate-ssh-key.ts';
import { checkRack } from './check-racks.ts';

let server: HostileServer;
beforeAll(async () => {
  server = await startHostileServer((channel) => channel.end());
});
afterAll(() => server.close());

const { privateKey, publicKey } = generateSshKey('doctor');
const rackWith = (hostKeys: readonly string[]): RackSettings => ({
  name: 'lab-rack',
  hosts: [{ name: 'r1', address: '127.0.0.1', hostKeys }],
  reset: 'true',
  resetTimeout: 1000,
});
const label = (user: string): ServerLabel => ({
  name: `label-${user}`,
  places: [{ kind: 'rack', cloud: 'lab-rack' }],
  user,
  sshPort: server.host.port,
  bootTimeout: 1000,
  sshTimeout: 1000,
  bootAttempts: 1,
  minReady: 0,
  max: 1,
  maxAge: undefined,
  imageBuild: undefined,
});

test('each host is logged in to as each user once', async () => {
  const labels = [label('zuul'), label('zuul'), label('ubuntu')];

  const findings = await checkRack(rackWith(server.host.hostKeys), labels, privateKey);

  expect(findings).toEqual([
    { ok: true, what: 'reset script', detail: '', todo: '' },
    { ok: true, what: 'host r1: login as zuul', detail: '', todo: '' },
    { ok: true, what: 'host r1: login as ubuntu', detail: '', todo: '' },
  ]);
});

test('a host with another key than the pinned one is wrong', async () => {
  const other = publicKey.split(' ').slice(0, 2).join(' ');

  const findings = await checkRack(rackWith([other]), [label('zuul')], privateKey);

  expect(findings).toMatchObject([
    { ok: true, what: 'reset script' },
    { ok: false, what: 'host r1: login as zuul', detail: expect.stringContaining('zuul@') },
  ]);
  expect(findings[1]?.todo).not.toBe('');
});
