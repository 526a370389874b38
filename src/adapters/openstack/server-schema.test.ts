import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { novaServerSchema, toCloudServer } from './server-schema.ts';

function recorded(name: string): unknown {
  const file = new URL(`../../../test/fixtures/openstack/${name}.json`, import.meta.url);
  const sample = JSON.parse(readFileSync(file, 'utf8')) as {
    server?: unknown;
    response?: { body: { server: unknown } };
  };
  return sample.server ?? sample.response?.body.server;
}

test.each([
  ['server-get-BUILD', 'BUILD', undefined, undefined],
  ['server-get-ACTIVE', 'ACTIVE', '10.77.0.245', undefined],
  ['server-get-ACTIVE-mv21', 'ACTIVE', '10.77.0.245', undefined],
  ['server-get-with-fip-shown', 'ACTIVE', '172.31.240.161', undefined],
  ['server-get-ERROR-novalidhost', 'ERROR', undefined, 'No valid host was found.'],
])('%s is read', (name, status, address, fault) => {
  const server = toCloudServer(novaServerSchema.parse(recorded(name)));

  expect(server).toMatchObject({ status, address, fault, mark: undefined });
});

test.each([
  ['fixed IPv4 before IPv6', [{ addr: '2001:db8::1' }, { addr: '10.0.0.1' }], '10.0.0.1'],
  ['IPv6 where there is no IPv4', [{ addr: 'fe80::1' }, { addr: '2001:db8::1' }], '2001:db8::1'],
])('%s', (_name, lan, expected) => {
  const server = { id: 'a', name: 'n', status: 'ACTIVE', created: '', metadata: {}, addresses: { lan } };

  const { address } = toCloudServer(novaServerSchema.parse(server));

  expect(address).toBe(expected);
});

test('an address that is none is not handed on', () => {
  const addresses = { lan: [{ addr: 'fe80::1' }, { addr: '$(reboot)' }] };
  const server = { id: 'a', name: 'n', status: 'ACTIVE', created: '', metadata: {}, addresses };

  const { address } = toCloudServer(novaServerSchema.parse(server));

  expect(address).toBeUndefined();
});
