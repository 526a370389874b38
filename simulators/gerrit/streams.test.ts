import { once } from 'node:events';
import ssh2 from 'ssh2';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connect, login, openStream, rest, startKit } from './testing/kit.ts';
import type { Kit } from './testing/kit.ts';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';

let kit: Kit;

beforeAll(async () => {
  kit = await startKit();
  await kit.post('dev', '/a/changes/', { project: 'openstack/nova', branch: 'master', subject: 'Talked about' });
});

afterAll(() => kit.stop());

function comment(message: string): Promise<unknown> {
  return kit.post('dev', '/a/changes/1/revisions/current/review', { message });
}

test('sends only the types asked for', async () => {
  const stream = await openStream(kit.sshPort, 'zvm-ci', '-s comment-added -s change-merged');

  await comment('recheck');

  const events = await stream.sinceLast();
  stream.client.end();
  expect(events.map(({ type }) => type)).toEqual(['comment-added']);
});

test('drops events for a reader that does not read, and says so once it reads again', async () => {
  const stream = await openStream(kit.sshPort, 'zvm-ci', '-s comment-added');
  const large = 'x'.repeat(16_000);
  const sent = 400;
  stream.channel.pause();

  for (let index = 0; index < sent; index += 1) await comment(`${index} ${large}`);
  stream.channel.resume();
  await comment('the last one');

  const events = await stream.sinceLast();
  stream.client.end();
  const types = events.map(({ type }) => type);
  expect(types.filter((type) => type === 'dropped-output')).toHaveLength(1);
  expect(types.filter((type) => type === 'comment-added').length).toBeLessThan(sent);
  expect(events.at(-1)).toMatchObject({ comment: expect.stringContaining('the last one') });
});

test.each(['channel', 'connection'])('can end every stream: %s', async (closeStreams) => {
  const stream = await openStream(kit.sshPort, 'zvm-ci');
  const closed = once(stream.channel, 'close');

  await rest(kit.url, { user: null, method: 'POST', path: '/simulator/faults', body: { closeStreams } });

  const [code] = await closed;
  stream.client.end();
  expect(code).toBe(closeStreams === 'channel' ? 0 : undefined);
});

test('goes on when the reader has closed its own direction, as ssh -n does', async () => {
  const stream = await openStream(kit.sshPort, 'zvm-ci', '-s comment-added');
  stream.channel.end();

  await comment('still heard');

  const events = await stream.sinceLast();
  stream.client.end();
  expect(events).toHaveLength(1);
});

test('answers the keepalives of an idle reader', async () => {
  const lines: string[] = [];
  const client = new ssh2.Client();
  client.on('error', (error) => lines.push(error.message));

  client.connect({
    ...login(kit.sshPort, 'zvm-ci'),
    keepaliveInterval: 100,
    keepaliveCountMax: 3,
    debug: (line) => lines.push(line),
  });

  const answers = () => lines.filter((line) => line.includes('Received REQUEST_FAILURE')).length;
  await expect.poll(answers, { timeout: 20_000 }).toBeGreaterThan(2);
  client.end();
  await once(client, 'close');
  expect(lines.join()).not.toContain('Keepalive timeout');
});

test('refuses an unknown user and a wrong key alike', async () => {
  const wrong = generateSshKey('test').privateKey;

  await expect(connect(kit.sshPort, 'zvm-ci', wrong)).rejects.toMatchObject({ level: 'client-authentication' });
  await expect(connect(kit.sshPort, 'ghost')).rejects.toMatchObject({ level: 'client-authentication' });
});
