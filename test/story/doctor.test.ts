import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { configure, zvmFault } from './world/faults.ts';
import { until } from './world/look.ts';
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

  test('says so when there is no such test server', async () => {
    expect(await runDoctor(world, '--worker', 'nobody')).toContain('No test server nobody is up');
  });
});
