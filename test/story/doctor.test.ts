import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMailbox } from '../mailbox.ts';
import { startWebhookReceiver } from '../webhook-receiver.ts';
import { configure, zvmFault } from './world/faults.ts';
import { commented, until } from './world/look.ts';
import { runDoctor } from './world/run-doctor.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

describe('the doctor', () => {
  let world: World;
  let server: string;

  beforeAll(async () => {
    world = await startWorld();
    await configure(world, (story) => {
      Object.assign(story.labels[0]!, { min_ready: 1 });
    });
    await world.startSidegate();
    // Only an open change tells what the account may vote.
    await commented(world, await world.push({}));
    const [ready] = await until(
      async () =>
        (await world.database.pool.query<{ name: string }>(`select name from servers where state = 'ready'`)).rows,
      ({ length }) => length > 0,
    );
    server = ready!.name;
  });
  afterAll(() => world.stop());

  test('tries what a worker does, all the way between a test server and z/VM', async () => {
    const said = await runDoctor(world, '--try', '--worker', server);

    expect(said).not.toMatch(/WRONG|not checked/);
    expect(said).toContain('All is right.');
    for (const line of [
      'guard’s address: 127.0.0.1 is one of this machine',
      'a guest can be made',
      'it is deleted',
      'the test server reaches 127.0.0.1',
      'Feilong copies from',
      'Feilong copies to',
    ])
      expect(said).toContain(line);
  });

  test('does not call right what it was not told to try', async () => {
    const said = await runDoctor(world);

    expect(said).toMatch(/not checked {2}what Feilong’s userid may do\n.*--try/);
    expect(said).toMatch(/not checked {2}copies between Feilong and test servers.*\n.*--worker/);
    expect(said).toContain('Nothing is wrong, 2 things are not checked.');
  });

  test('says so when Feilong cannot copy, and what to do', async () => {
    await zvmFault(world, { kind: 'scp-fails' });

    const said = await runDoctor(world, '--worker', server);

    expect(said).toMatch(/WRONG .*Feilong copies from .*scp/);
    expect(said).toMatch(/not checked .*Feilong copies to/);
    expect(said).toContain('authorized_keys');
  });

  test('names the account’s rights, and what is not tried of the ways to tell the operators', async () => {
    const [mailbox, receiver] = await Promise.all([startMailbox(), startWebhookReceiver()]);
    await writeFile(join(world.directory, 'hook'), receiver.url, { mode: 0o600 });
    const email = {
      to: ['ops@example.org'],
      from: 'ci@example.org',
      host: '127.0.0.1',
      port: mailbox.port,
      tls: 'none',
    };
    await configure(world, (story) =>
      Object.assign(story, { notices: { email, webhooks: [{ name: 'chat', url: { file: './hook' } }] } }),
    );

    const said = await runDoctor(world);
    await mailbox.stop();
    const deaf = await runDoctor(world);
    await receiver.stop();

    expect(said).toContain('ok     groups of the account: it is in Third-Party CI, nova-ci');
    expect(said).toContain('ok     vote Verified -1 on openstack/nova: is permitted');
    expect(said).toContain(`Notices\n  ok     SMTP 127.0.0.1:${mailbox.port}: takes a connection\n`);
    expect(said).toMatch(/not checked {2}webhook chat: .*\n.*sidegate notices test/);
    expect(deaf).toMatch(/WRONG {2}SMTP .*ECONNREFUSED/);
  });

  test('says so when there is no such test server', async () => {
    expect(await runDoctor(world, '--worker', 'nobody')).toContain('No test server nobody is up');
  });
});
