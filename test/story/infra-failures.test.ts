import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { workerPrefix } from '../../src/domain/slot.ts';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import type { NamedCause } from '../../src/domain/verdict.ts';
import { cloudFault, configure, mendZvm, zvmFault } from './world/faults.ts';
import { commented, nothing, remains, until } from './world/look.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

interface Attempt {
  readonly result: string;
  readonly error_code: string | null;
  readonly cause: string | null;
  readonly server: string;
}

/** No failure of the infrastructure may become a −1, and none may leave anything behind. */
describe('infrastructure that fails', () => {
  let world: World;

  beforeAll(async () => {
    world = await startWorld();
    await configure(world, ({ labels }) => {
      // The least there is: a server without SSH is waited for so long.
      labels[0]!.boot_timeout = '10s';
    });
    await world.startSidegate();
  });
  afterAll(() => world.stop());

  afterEach(async () => {
    await until(
      () => remains(world),
      (left) => JSON.stringify(left) === JSON.stringify(nothing),
    );
  });

  async function queryRows<Row extends object>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await world.database.pool.query<Row>(text, [...values])).rows;
  }

  function attemptsOf({ change }: PushedPatchset): Promise<readonly Attempt[]> {
    return queryRows<Attempt>(
      `select b.result, b.error_code, b.cause ->> 'kind' as cause, b.server from builds b join buildsets s on s.id = b.buildset where s.change_number = $1 order by attempt`,
      [change],
    );
  }

  function openNotices(): Promise<readonly { code: string; subject: string; text: string; todo: string }[]> {
    return queryRows(`select code, subject, text, todo from notices where closed_at is null`);
  }

  async function novaIdOfRunning(): Promise<string> {
    const [server] = await until(
      () => queryRows<{ nova_id: string }>(`select nova_id from servers where state = 'ready' and build is not null`),
      ({ length }) => length > 0,
    );
    return server!.nova_id;
  }

  test('a server that goes to ERROR is replaced by another one, and the change gets its +1', async () => {
    await cloudFault(world, { fault: 'create-error', times: 1 });
    const pushed = await world.push({ guests: 1 });

    const { verified, comments } = await commented(world, pushed);
    const attempts = await attemptsOf(pushed);

    expect([verified, comments.length]).toEqual([1, 1]);
    expect(attempts).toMatchObject([
      { result: 'NODE_FAILURE', error_code: 'server-boot-failed', cause: 'cloud' },
      { result: 'SUCCESS', error_code: null },
    ]);
    expect(new Set(attempts.map(({ server }) => server)).size).toBe(2);
    expect(await openNotices()).toEqual([]);
  });

  test('a create that is cut off is no second server', async () => {
    await cloudFault(world, { fault: 'create-cut', times: 1 });
    const pushed = await world.push({});

    const { verified } = await commented(world, pushed);

    expect(verified).toBe(1);
    expect(await attemptsOf(pushed)).toHaveLength(1);
  });

  test('a create that never reached the cloud, and an API that answers with errors, are tried again', async () => {
    await cloudFault(world, { fault: 'create-lost', times: 1 });
    await cloudFault(world, { fault: 'http', service: 'image', status: 503, times: 2 });
    const pushed = await world.push({});

    const { verified } = await commented(world, pushed);
    const attempts = await attemptsOf(pushed);

    expect(verified).toBe(1);
    expect(attempts.slice(0, -1).map(({ result }) => result)).toEqual(attempts.slice(1).map(() => 'NODE_FAILURE'));
  });

  test('a server that vanishes in the middle of its job is replaced; the guests it had made are swept', async () => {
    const pushed = await world.push({ guests: 2, seconds: 3 });
    await until(
      async () => ((await (await fetch(`${world.zvm.ready.url}/guests`)).json()) as { output: string[] }).output,
      ({ length }) => length === 2,
    );

    await cloudFault(world, { fault: 'lose-server', server: await novaIdOfRunning() });
    const { verified, comments } = await commented(world, pushed);

    expect([verified, comments.length]).toEqual([1, 1]);
    expect(await attemptsOf(pushed)).toMatchObject([
      { result: 'NODE_FAILURE', error_code: 'server-lost', cause: 'server' },
      { result: 'SUCCESS' },
    ]);
  });

  /** Waits until the job prints, lets its server fail, and answers how the build went on. */
  async function failWhileRunning(happen: (novaId: string) => Promise<void>) {
    const pushed = await world.push({ seconds: 6 });
    const novaId = await novaIdOfRunning();
    const [build] = await until(
      () => queryRows<{ log_path: string }>(`select log_path from builds where state = 'running' and phase = 'test'`),
      ({ length }) => length > 0,
    );
    await happen(novaId);
    const { verified, comments } = await commented(world, pushed);
    const attempts = await attemptsOf(pushed);
    const [first] = await queryRows<{ cause: NamedCause; reason: string }>(
      `select b.cause, b.reason from builds b where log_path = $1`,
      [build!.log_path],
    );
    return { verified, comments: comments.length, attempts, first: first! };
  }

  test('a server that is rebooted in the middle of its job is told as that, and the change gets its +1', async () => {
    const told = await failWhileRunning((server) => cloudFault(world, { fault: 'reboot', server }));

    expect(told).toMatchObject({ verified: 1, comments: 1 });
    expect(told.attempts).toMatchObject([
      { result: 'NODE_FAILURE', error_code: 'server-rebooted', cause: 'server' },
      { result: 'SUCCESS' },
    ]);
    expect(told.first.reason).toContain('The test server was rebooted in the middle of the job, in phase test.');
    expect(told.first.cause.lines.map(({ log }) => log)).toContain('server-console.txt');
  });

  test.each([
    ['stays silent', false],
    ['boots again', true],
  ])('a server whose kernel panics, and that %s, is told as that with the line of its console', async (_, reboots) => {
    const told = await failWhileRunning((server) => cloudFault(world, { fault: 'panic', server, reboots }));

    expect(told).toMatchObject({ verified: 1, comments: 1 });
    expect(told.attempts).toMatchObject([
      { result: 'NODE_FAILURE', error_code: 'server-panicked', cause: 'server' },
      { result: 'SUCCESS' },
    ]);
    expect(told.first.cause).toMatchObject({ signature: { id: 'kernel-panic' } });
    expect(told.first.cause.lines[0]).toMatchObject({
      log: 'server-console.txt',
      text: expect.stringContaining('Kernel panic - not syncing: Fatal exception in interrupt') as string,
    });
  });

  test('a process that the kernel killed for want of memory is no −1, however often', async () => {
    const pushed = await world.push({ outOfMemory: true });

    const { verified, comments } = await commented(world, pushed);

    expect([verified, comments.length]).toEqual([0, 1]);
    expect(await attemptsOf(pushed)).toMatchObject(
      Array(3).fill({ result: 'NODE_FAILURE', error_code: 'server-out-of-memory', cause: 'server' }),
    );
  });

  test('a server without SSH is given up after its time and replaced', async () => {
    await cloudFault(world, { fault: 'no-ssh', times: 1 });
    const pushed = await world.push({});

    const { verified } = await commented(world, pushed);

    expect(verified).toBe(1);
    expect(await attemptsOf(pushed)).toMatchObject([
      { result: 'NODE_FAILURE', error_code: 'server-boot-timeout' },
      { result: 'SUCCESS' },
    ]);
  });

  test('Feilong that is down before the tests sends the build to another attempt', async () => {
    await zvmFault(world, { kind: 'sdkserver-down' });
    const pushed = await world.push({ guests: 1 });
    await until(
      () => attemptsOf(pushed),
      ([first]) => first?.result === 'NODE_FAILURE',
    );
    const notices = await openNotices();

    await mendZvm(world);
    const { verified } = await commented(world, pushed);

    expect(verified).toBe(1);
    expect((await attemptsOf(pushed))[0]).toMatchObject({ error_code: 'backend-sick', cause: 'backend' });
    expect(notices.map(({ code }) => code)).toContain('backend-sick');
  });

  test('tests that fail because Feilong is down are no −1', async () => {
    const pushed = await world.push({ guests: 1, seconds: 2, asksFeilong: true });
    await until(
      async () => ((await (await fetch(`${world.zvm.ready.url}/guests`)).json()) as { output: string[] }).output,
      ({ length }) => length === 1,
    );

    await zvmFault(world, { kind: 'sdkserver-down' });
    await until(
      () => attemptsOf(pushed),
      ([first]) => first?.result !== null,
    );
    await mendZvm(world);
    const { verified } = await commented(world, pushed);

    expect(verified).toBe(1);
    expect((await attemptsOf(pushed))[0]).toMatchObject({
      result: 'NODE_FAILURE',
      error_code: 'backend-sick',
      cause: 'backend',
    });
  });

  test('a guest that cannot be deleted for a while keeps its slot out of use, and that is told', async () => {
    const [slot] = await queryRows<{ epoch: number }>(`select epoch from slots where prefix = 'ZA0'`);
    const userid = `${workerPrefix({ prefix: 'ZA0', generation: slot!.epoch + 1 })}0000`;
    await zvmFault(world, { kind: 'delete-fails', userid, count: 6 });
    const pushed = await world.push({ guests: 1, leak: true });
    const { verified } = await commented(world, pushed);

    const [dirty] = await until(
      () => queryRows<{ state: string }>(`select state from slots where detail like $1`, [`%${userid}%`]),
      ({ length }) => length === 1,
    );
    // Told a moment after it is written down.
    const notices = await until(openNotices, ({ length }) => length > 0);

    expect(verified).toBe(1);
    expect(dirty?.state).toBe('dirty');
    expect(notices).toMatchObject([{ code: 'slot-dirty', subject: 'lpar1 ZA0' }]);
    // afterEach waits until the slot is clean.
  });

  test('when every attempt fails there is one comment without a vote that takes the blame, and the operator is told', async () => {
    await cloudFault(world, { fault: 'create-error', times: 3 });
    const pushed = await world.push({});

    const { verified, comments } = await commented(world, pushed);
    const notices = await openNotices();

    expect([verified, comments.length]).toEqual([0, 1]);
    expect(comments[0]?.message).toMatch(/^- story http\S+ : NODE_FAILURE/m);
    expect(comments[0]?.message).toContain(
      'NODE_FAILURE is a failure of this CI itself: it says nothing about the change and there is no vote.',
    );
    expect((await attemptsOf(pushed)).map(({ error_code: code }) => code)).toEqual(Array(3).fill('server-boot-failed'));
    expect(notices.map(({ code, subject }) => `${code} ${subject}`)).toContain('server-boot-failed story');
    expect(notices.every(({ todo }) => todo.length > 10)).toBe(true);
  });
});
