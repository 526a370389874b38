import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { configure, zvmFault } from './world/faults.ts';
import { commented, logOf, nothing, remains, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

describe('a worker and z/VM', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.stop());
  afterEach(async () => {
    await until(
      () => remains(world),
      (left) => JSON.stringify(left) === JSON.stringify(nothing),
      90_000,
    );
    await world.stopSidegates();
  });

  async function query<Row extends object>(text: string): Promise<readonly Row[]> {
    return (await world.database.pool.query<Row>(text)).rows;
  }

  /** A guest on the same z/VM that is none of ours. */
  async function makeForeignGuest(userid: string): Promise<void> {
    const guest = { userid, vcpus: 1, memory: 512 };
    await fetch(`${world.zvm.ready.url}/guests`, { method: 'POST', body: JSON.stringify({ guest }) });
  }

  async function guests(): Promise<readonly string[]> {
    const answer = (await (await fetch(`${world.zvm.ready.url}/guests`)).json()) as { output: string[] };
    return answer.output;
  }

  async function untilStarted(): Promise<void> {
    world.recorder.starts.clear();
    await until(
      async () => world.recorder.starts.size,
      (size) => size > 0,
    );
  }

  function attemptsOf({ change }: PushedPatchset) {
    return query<{ result: string; error_code: string | null }>(
      `select b.result, b.error_code from builds b join buildsets s on s.id = b.buildset where s.change_number = ${change} order by attempt`,
    );
  }

  test('a worker can neither see nor touch guests of others, and its calls are published', async () => {
    await world.startSidegate();
    await makeForeignGuest('QA000001');
    const pushed = await world.push({
      guests: 1,
      calls: [
        { method: 'GET', path: '/guests' },
        { method: 'DELETE', path: '/guests/qa000001' },
        { method: 'POST', path: '/guests/MAINT/action', body: { action: 'stop' } },
        { method: 'POST', path: '/guests/PREFIX0000/action', body: { action: 'start' } },
      ],
    });

    const view = await commented(world, pushed);
    const console = await logOf(world, view, 'job-output.txt');
    const trace = await logOf(world, view, 'feilong-calls.txt');
    const left = await guests();
    const [{ evidence } = { evidence: undefined }] = await query<{ evidence: object | undefined }>(
      `select evidence from builds`,
    );
    await fetch(`${world.zvm.ready.url}/guests/QA000001`, { method: 'DELETE' });

    expect(view.verified).toBe(1);
    expect(left).toEqual(['QA000001']);
    expect(console).toMatch(/^GET \/guests: 200 .*"output":\["ZA0\w0000"\]/m);
    expect(console).toMatch(/^DELETE \/guests\/qa000001: 403 .*does not begin with ZA0/m);
    expect(trace).toMatch(/POST \/guests\/MAINT\/action \| 403 .* \| REFUSED: MAINT does not begin with ZA0/);
    expect(trace).toMatch(/POST \/guests\/ZA0\w0000\/action start \| 200 overallRC 0/);
    expect(evidence).toMatchObject({ created: 1, deployed: 0, started: 1, deleted: 1, refused: 2, neverStarted: [] });
  });

  test('every build of a slot has names of its own', async () => {
    await world.startSidegate();
    const names = [];
    for (let build = 0; build < 3; build += 1) {
      const view = await commented(world, await world.push({ guests: 1 }));
      names.push(/with prefix (\w+)/.exec(await logOf(world, view, 'job-output.txt'))?.[1]);
    }

    expect(new Set(names).size).toBe(3);
  });

  test('a guest that appears after its worker is gone is waited for and removed', async () => {
    await world.startSidegate();
    await zvmFault(world, { kind: 'delay', ms: 4000, count: 1 });
    // The job ends before Feilong has made the guest: nobody hears its answer.
    const pushed = await world.push({ guests: 1, seconds: 1 });
    await untilStarted();
    const next = await world.push({ tests: { 'a.test': 'pass' } }, pushed);

    const { verified } = await commented(world, next);

    expect(verified).toBe(1);
    // afterEach waits until nothing is left.
  });

  test('sidegate is killed: calls that fail meanwhile are no failure of the patch', async () => {
    const sidegate = await world.startSidegate();
    const pushed = await world.push({ seconds: 2, asksFeilong: true, guests: 1 });
    await untilStarted();
    await until(guests, ({ length }) => length === 1);

    sidegate.process.kill('SIGKILL');
    await sidegate.ended;
    // The job ends while nobody guards it.
    await new Promise((resolve) => setTimeout(resolve, 4000));
    await world.startSidegate();
    const { verified } = await commented(world, pushed, 1, 120_000);
    const attempts = await attemptsOf(pushed);

    expect(verified).toBe(1);
    expect(attempts.at(-1)).toEqual({ result: 'SUCCESS', error_code: null });
  });

  test('another process takes the port of a guard whose process is killed: the worker goes on', async () => {
    const first = await world.startSidegate();
    const pushed = await world.push({ seconds: 8, guests: 2 });
    await untilStarted();
    await until(guests, ({ length }) => length === 2);
    await world.startSidegate();
    const [before] = await query<{ url: string; holder: string }>(
      `select guard_url as url, guard_holder as holder from slots where guard_url is not null`,
    );

    first.process.kill('SIGKILL');
    const [after] = await until(
      () =>
        query<{ url: string; holder: string; opens: number }>(
          `select guard_url as url, guard_holder as holder, guard_opens as opens from slots where guard_url is not null`,
        ),
      ([slot]) => slot?.opens === 2,
    );
    const { verified } = await commented(world, pushed);

    expect(after?.url).toBe(before?.url);
    expect(after?.holder).not.toBe(before?.holder);
    expect(verified).toBe(1);
    expect(await attemptsOf(pushed)).toEqual([{ result: 'SUCCESS', error_code: null }]);
  });

  test('a worker couples its guests to the switches it may use, and to no others', async () => {
    await configure(world, ({ backends }) => Object.assign(backends[0]!.guard!, { vswitches: ['VSW1'] }));
    await world.startSidegate();
    const grant = { vswitch: { grant_userid: 'PREFIX0000' } };
    const pushed = await world.push({
      guests: 1,
      calls: ['VSW1', 'VSW2'].map((name) => ({ method: 'PUT', path: `/vswitches/${name}`, body: grant })),
    });

    const console = await logOf(world, await commented(world, pushed), 'job-output.txt');
    await configure(world, ({ backends }) => Object.assign(backends[0]!.guard!, { vswitches: undefined }));

    expect(console).toMatch(/^PUT \/vswitches\/VSW1: 200 /m);
    expect(console).toMatch(/^PUT \/vswitches\/VSW2: 403 /m);
  });
});
