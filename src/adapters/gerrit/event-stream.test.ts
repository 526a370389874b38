import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import ssh2 from 'ssh2';
import type { ServerChannel } from 'ssh2';
import { expect, it } from 'vitest';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import { openEventStream } from './event-stream.ts';
import { accessTo } from './testing/recorded.ts';
import { generateSshKey } from '../../shared/generate-ssh-key.ts';

const hostKey = generateSshKey('test');
const clientKey = generateSshKey('test');

interface SshPeer extends AsyncDisposable {
  readonly access: GerritAccess;
  readonly commands: readonly string[];
}

/** An SSH server that gives each accepted stream-events channel to `serve`. */
async function startSshPeer(serve: (channel: ServerChannel) => void): Promise<SshPeer> {
  const commands: string[] = [];
  const server = new ssh2.Server({ hostKeys: [hostKey.privateKey] }, (client) => {
    client.on('error', () => undefined);
    client.on('authentication', (attempt) => (attempt.method === 'publickey' ? attempt.accept() : attempt.reject()));
    client.on('session', (accept) => {
      accept().on('exec', (take, _refuse, { command }) => {
        commands.push(command);
        const channel = take();
        if (command.startsWith('gerrit stream-events')) return serve(channel);
        channel.exit(0);
        channel.end();
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sshPort = (server.address() as AddressInfo).port;
  return {
    access: accessTo({ sshPort, hostKeys: [hostKey.publicKey], privateKey: clientKey.privateKey }),
    commands,
    async [Symbol.asyncDispose]() {
      server.close();
      await once(server, 'close');
    },
  };
}

function listen(access: GerritAccess, signal = new AbortController().signal) {
  const lines: string[] = [];
  const types = ['patchset-created', 'comment-added', 'ready-for-review'] as const;
  const options = { onLine: (line: string) => lines.push(line), types, signal, logger: undefined };
  return { lines, opened: openEventStream(access, options) };
}

it('asks only for the types it acts on', async () => {
  const closing = new AbortController();
  await using peer = await startSshPeer(() => undefined);

  const { ended } = await listen(peer.access, closing.signal).opened;
  closing.abort();

  expect(await ended).toEqual({ reason: 'closed by sidegate', permanent: false });
  expect(peer.commands[0]).toBe('gerrit stream-events -s patchset-created -s comment-added -s wip-state-changed');
});

it('ends when Gerrit ends the stream with status 0 and keeps the connection open', async () => {
  const { promise: release, resolve } = Promise.withResolvers<void>();
  await using peer = await startSshPeer((channel) => {
    channel.write('{"type":"one"}\n');
    void release.then(() => {
      channel.exit(0);
      channel.end();
    });
  });
  const listening = listen(peer.access);

  const { ended } = await listening.opened;
  resolve();

  expect(await ended).toEqual({ reason: 'Gerrit closed the stream (exit status 0)', permanent: false });
  expect(listening.lines).toEqual(['{"type":"one"}']);
});

it('says of a gigantic line that output was dropped and hears the next one', async () => {
  const { promise: release, resolve } = Promise.withResolvers<void>();
  await using peer = await startSshPeer((channel) => {
    channel.write(`{"type":"${'x'.repeat(3 * 1024 * 1024)}"}\n{"type":"next"}\n`);
    void release.then(() => channel.end());
  });
  const listening = listen(peer.access);

  const { ended } = await listening.opened;
  await expect.poll(() => listening.lines.length, { timeout: 20_000 }).toBe(2);
  resolve();
  await ended;

  expect(listening.lines).toEqual(['{"type":"dropped-output"}', '{"type":"next"}']);
});

it('refuses another host key, an unreadable private key, and a connection without pinned keys', async () => {
  await using peer = await startSshPeer(() => undefined);
  const other = generateSshKey('test').publicKey;

  await expect(listen({ ...peer.access, hostKeys: [other] }).opened).rejects.toMatchObject({
    code: 'gerrit-host-key',
    retryable: false,
  });
  await expect(listen({ ...peer.access, hostKeys: [] }).opened).rejects.toMatchObject({ code: 'gerrit-host-key' });
  await expect(listen({ ...peer.access, hostKeys: ['ssh-rsa AAAA'] }).opened).rejects.toMatchObject({
    code: 'gerrit-host-key',
  });
  await expect(listen({ ...peer.access, privateKey: 'no key' }).opened).rejects.toMatchObject({
    code: 'gerrit-auth',
    retryable: false,
  });
});

it('says when nobody listens or the caller has given up', async () => {
  await using peer = await startSshPeer(() => undefined);

  await expect(listen({ ...peer.access, sshPort: 1 }).opened).rejects.toMatchObject({
    code: 'gerrit-unreachable',
    retryable: true,
  });
  await expect(listen(peer.access, AbortSignal.abort()).opened).rejects.toMatchObject({ code: 'gerrit-unreachable' });
});
