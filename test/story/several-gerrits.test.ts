import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AccountName } from '../../lab/gerrit/accounts.ts';
import { pushChange } from '../../lab/gerrit/push-change.ts';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import type { Overview } from '../../src/ports/status.ts';
import { configure } from './world/faults.ts';
import { startSimulatedGerrit } from './world/gerrit-under-test.ts';
import type { GerritUnderTest } from './world/gerrit-under-test.ts';
import { commented, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

const project = 'example/zvm-driver';

describe('two Gerrits at once', () => {
  let world: World;
  let second: GerritUnderTest;
  let url: string;

  beforeAll(async () => {
    world = await startWorld();
    second = await startSimulatedGerrit(join(world.directory, 'second'));
  });
  afterAll(async () => {
    await world?.stop();
    await second?.stop();
  });

  test('one refuses the stream: that is told with what to do, and the other is heard', async () => {
    await useSecondAs('dev');
    url = (await world.startSidegate()).ready.url;

    const view = await until(status, ({ notices, connections }) => notices.length > 0 && connections.length === 2);
    await commented(world, await world.push({}));

    expect(view.connections.find(({ name }) => name === 'second')).toMatchObject({
      state: 'failed',
      detail: expect.stringContaining('stream events not permitted'),
    });
    expect(view.notices).toMatchObject([
      { code: 'gerrit-no-stream', todo: expect.stringContaining('capability streamEvents') },
    ]);
  });

  test('one refuses the key: that is told apart', async () => {
    await world.stopSidegates();
    await useSecondAs('zvm-ci', 'dev');
    url = (await world.startSidegate()).ready.url;

    const { notices } = await until(status, (view) => view.notices.some(({ code }) => code === 'gerrit-auth'));

    expect(notices.find(({ code }) => code === 'gerrit-auth')).toMatchObject({
      text: expect.stringContaining('authentication'),
      todo: expect.stringContaining('private key'),
    });
  });

  test('changes of the same number get their results each on its own Gerrit, and the notices are gone', async () => {
    await world.stopSidegates();
    await useSecondAs('zvm-ci');
    url = (await world.startSidegate()).ready.url;
    const here = await world.push({});
    let there = await pushToSecond();
    while (there.change < here.change) there = await pushToSecond();

    const views = [await commented(world, here), await commented({ ...world, gerrit: second }, there)];

    expect(there.change).toBe(here.change);
    expect(views.map(({ comments, verified }) => [comments.length, verified])).toEqual([
      [1, 1],
      [1, 1],
    ]);
    await until(status, ({ notices }) => notices.length === 0);
  });

  test('one is gone: the other goes on, and what came meanwhile is heard afterwards', async () => {
    const before = await pushToSecond();
    await commented({ ...world, gerrit: second }, before);

    await second.kill();
    const here = await world.push({});
    await commented(world, here);
    const { connections } = await status();
    await second.restart();
    const there = await pushToSecond();
    await commented({ ...world, gerrit: second }, there);

    expect(Object.fromEntries(connections.map(({ name, state }) => [name, state]))).toEqual({
      review: 'connected',
      second: 'connecting',
    });
  });

  async function status(): Promise<Overview> {
    return (await (await fetch(`${url}/api/status`)).json()) as Overview;
  }

  /** With the key of another account it is a wrong one. */
  async function useSecondAs(name: AccountName, keyOf: AccountName = name): Promise<void> {
    const { username, password } = second.accounts[name];
    await cp(second.accounts[keyOf].privateKeyFile, join(world.directory, 'second-key'));
    await writeFile(join(world.directory, 'second-password'), password, { mode: 0o600 });
    await configure(world, (story) => {
      const configuration = story as unknown as { gerrit: { name: string }[]; projects: { gerrit: string }[] };
      const connection = {
        ...configuration.gerrit[0]!,
        name: 'second',
        ssh_port: second.sshPort,
        host_key: second.hostKey,
        url: second.url,
        username,
        private_key: './second-key',
        password: { file: './second-password' },
      };
      const [nova] = configuration.projects;
      configuration.gerrit = [configuration.gerrit[0]!, connection];
      configuration.projects = [nova!, { ...nova!, gerrit: 'second', project } as typeof nova & object];
    });
  }

  function pushToSecond(): Promise<PushedPatchset> {
    const { password, username } = second.accounts.dev;
    return pushChange({
      url: second.url,
      username,
      password,
      project,
      subject: 'On the other one',
      files: { 'story.json': JSON.stringify({ salt: Math.random() }) },
    });
  }
});
