import { createServer } from 'node:http';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchConnections } from './connections.ts';

let server: Server;
let port: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer((_request, response) => void response.end('heard'));
  watchConnections(server, (remote) => remote === '127.0.0.1');
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** A connection from that address of this machine. */
function open(localAddress: string): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress }).on('error', () => undefined);
  sockets.push(socket);
  return new Promise((resolve) => socket.once('connect', () => resolve(socket)));
}

async function ask(text: string): Promise<string> {
  const socket = await open('127.0.0.1');
  let heard = '';
  socket.on('data', (data: Buffer) => (heard += data.toString()));
  socket.write(text);
  await new Promise((resolve) => socket.once('close', resolve));
  return heard;
}

test('others than the worker cannot take all connections', async () => {
  const strangers = [];
  for (let index = 0; index < 50; index += 1) strangers.push(await open('127.0.0.2'));
  for (const socket of strangers) socket.resume();

  const heard = await ask('GET / HTTP/1.1\r\nHost: guard\r\nConnection: close\r\n\r\n');
  const left = await new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)));

  expect(heard).toContain('heard');
  expect(left).toBeLessThanOrEqual(20);
});

test('what is no HTTP is answered in Feilong’s shape', async () => {
  const heard = await ask('GET / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n');

  const [head = '', body = ''] = heard.split('\r\n\r\n');
  expect(head).toMatch(/^HTTP\/1\.1 400 .*\r\nContent-Type: application\/json\r\n/);
  expect(JSON.parse(body)).toMatchObject({ overallRC: 400, rc: 400, output: '' });
});
