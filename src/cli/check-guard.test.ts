import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, test } from 'vitest';
import { checkGuard } from './check-guard.ts';

const guard = { address: '127.0.0.1', ports: undefined, vswitches: undefined, tls: false };

test('an address of this machine is right, and can be reached meanwhile', async () => {
  const findings = await checkGuard(guard, async (port) => {
    const socket = connect(port, guard.address);
    await once(socket, 'connect');
    socket.destroy();
    return [];
  });

  expect(findings).toMatchObject([{ ok: true, detail: '127.0.0.1 is one of this machine' }]);
});

test('another address is wrong', async () => {
  expect(await checkGuard({ ...guard, address: '192.0.2.1' })).toMatchObject([
    { ok: false, detail: '192.0.2.1: no address of this machine', todo: expect.stringContaining('Give') as string },
  ]);
});

test.each(['0.0.0.0', '::'])('an address that stands for every one is wrong: %s', async (address) => {
  expect(await checkGuard({ ...guard, address })).toMatchObject([
    { ok: false, detail: expect.stringContaining('every address') as string },
  ]);
});

test('a port of a running guard is passed over; when all are taken that is told', async () => {
  const running = createServer().listen(0, '127.0.0.1');
  await once(running, 'listening');
  const { port } = running.address() as AddressInfo;

  const next = await checkGuard({ ...guard, ports: { first: port, last: Math.min(port + 50, 65_535) } });
  const none = await checkGuard({ ...guard, ports: { first: port, last: port } });
  running.close();

  expect(next).toMatchObject([{ ok: true }]);
  expect(none).toMatchObject([{ ok: false, detail: '127.0.0.1: all ports given for guards are in use' }]);
});
