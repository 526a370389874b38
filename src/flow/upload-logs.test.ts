import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareStoredBuilds } from '../../test/flow/stored-flow.ts';
import type { StoredBuilds } from '../../test/flow/stored-flow.ts';
import { dropLocalLogs } from './drop-local-logs.ts';
import { expireLogs } from './expire-logs.ts';
import { keepStoredLogs } from './keep-stored-logs.ts';

const other = '22222222-2222-4222-8222-222222222222';

let builds: StoredBuilds;
beforeEach(async () => {
  builds = await prepareStoredBuilds();
});
afterEach(() => builds.drop());

const rows = () => builds.query(`select * from log_uploads order by build`);
const notices = () => builds.query(`select code, text from notices where closed_at is null`);
const puts = () => builds.stores.simulator.requests.filter((line) => line.startsWith('PUT '));
const claimsEnd = () => builds.query(`update log_uploads set claimed_until = now(), next_try_at = now()`);

describe('logs of a build that is over', () => {
  test('are uploaded, each as what it is, and are still read from the local tree', async () => {
    const build = await builds.ended(1);
    await builds.archive.write(`${build.logPath}page.html`, '<script>alert(1)</script>');
    await builds.archive.write(`${build.logPath}n-cpu.txt.gz`, gzipSync('log'));

    await builds.upload();

    const kept = (name: string) => builds.stores.simulator.containers.get('ci-logs')?.get(`${build.logPath}${name}`);
    expect(builds.stored()).toHaveLength(3);
    expect(kept('page.html')?.type).toBe('text/plain; charset=utf-8');
    expect(kept('n-cpu.txt.gz')).toMatchObject({ type: 'text/plain; charset=utf-8', encoding: 'gzip' });
    expect(await rows()).toMatchObject([{ files: 3, stored_at: expect.any(Date), dropped_at: null, problem: null }]);
    expect(await builds.hasLogs(build)).toBe(true);
  });

  test('are not sent twice', async () => {
    await builds.ended(1);
    await builds.upload();
    await builds.upload();

    expect(puts()).toHaveLength(1);
  });

  test('wait while the build has just ended, or another process has them', async () => {
    const build = await builds.ended(1);
    await builds.query(`update builds set ended_at = now()`);
    await builds.upload();
    const fresh = puts().length;
    await builds.query(`update builds set ended_at = now() - interval '2 minutes'`);
    await builds.store.claimUpload(other, builds.objects.place);
    await builds.upload();
    const claimed = puts().length;
    await claimsEnd();
    await builds.upload();

    expect([fresh, claimed, puts().length]).toEqual([0, 0, 1]);
    expect(builds.stored()).toEqual([`${build.logPath}deep/job-output.txt`]);
  });

  test('wait while the guard of their worker is still open: it writes down what the last calls were', async () => {
    const build = await builds.ended(1);
    await builds.query(`insert into processes (id, host, pid) values ($1, 'host', 1)`, [other]);
    await builds.query(`update slots set build = $1, guard_holder = $2 where prefix = 'ZA0'`, [build.id, other]);
    await builds.upload();
    const open = puts().length;
    await builds.query(`update slots set guard_holder = null`);
    await builds.upload();

    expect([open, puts().length]).toEqual([0, 1]);
  });

  test('go on after a crash with what is missing', async () => {
    const build = await builds.ended(1);
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await builds.archive.write(`${build.logPath}${name}.txt`, name);
    // Swift's circuit breaker would still be open.
    const objects = builds.stores.s3();
    let sent = 0;
    builds.stores.simulator.interfere = ({ method }) => (method === 'PUT' && (sent += 1) > 3 ? 'cut' : undefined);
    await builds.upload({ objects });
    const before = builds.stored();
    builds.stores.simulator.interfere = () => undefined;
    builds.stores.simulator.requests.length = 0;
    await claimsEnd();
    await builds.upload({ objects });

    expect(before).toHaveLength(3);
    expect(puts()).toHaveLength(4);
    expect(builds.stored()).toHaveLength(7);
    expect(await rows()).toMatchObject([{ files: 7, stored_at: expect.any(Date) }]);
  });

  test('stop being uploaded when they expire meanwhile', async () => {
    const build = await builds.ended(1);
    for (let file = 0; file < 24; file += 1) await builds.archive.write(`${build.logPath}${file}`, 'x');
    let asked: Promise<unknown> | undefined;
    builds.stores.simulator.interfere = async ({ method }) => {
      if (method === 'PUT')
        await (asked ??= builds.query(`update builds set logs_expired_at = now(), logs_expired_for = 'age'`));
      return undefined;
    };

    await builds.upload();

    // Those that were on their way.
    expect(builds.stored().length).toBeLessThanOrEqual(4);
    expect(await rows()).toMatchObject([{ stored_at: null }]);
  });
});

describe('an object store that is away', () => {
  test('is asked ever more seldom, blames no build, and is told after hours', async () => {
    await builds.ended(1);
    builds.stores.simulator.interfere = () => ({ status: 403, body: 'no' });

    await builds.upload();
    await builds.upload();

    expect(await rows()).toMatchObject([{ attempts: 1, problem: expect.stringContaining('HTTP 403') as string }]);
    expect(await builds.query(`select result, error_code from builds`)).toEqual([
      { result: 'SUCCESS', error_code: null },
    ]);
    const [notice] = await notices();
    expect(notice).toMatchObject({
      code: 'uploads-behind',
      text: expect.stringMatching(/^Logs of one build wait .* 24 hours\. The last problem: .*HTTP 403/) as string,
    });

    builds.stores.simulator.interfere = () => undefined;
    await claimsEnd();
    await builds.upload();
    expect(await notices()).toEqual([]);
  });

  test('holds up nothing where there is none', async () => {
    await builds.ended(1);
    await builds.upload({ objects: undefined });

    expect(await rows()).toEqual([]);
  });
});

describe('the local copy', () => {
  const keep = (logs = {}) => keepStoredLogs(builds.flow(logs));

  test('goes when it is old enough, and not before', async () => {
    const build = await builds.ended(1);
    await builds.upload();
    await keep();
    const young = await builds.hasLogs(build);
    await builds.query(`update log_uploads set stored_at = now() - interval '8 days'`);
    await keep();

    expect([young, await builds.hasLogs(build)]).toEqual([true, false]);
    expect(await rows()).toMatchObject([{ local_deleted_at: expect.any(Date) }]);
    await builds.upload();
    expect(puts()).toHaveLength(1);
  });

  test('stays where the store has lost something, which is sent again', async () => {
    const build = await builds.ended(1);
    await builds.upload();
    builds.stores.simulator.containers.get('ci-logs')?.clear();
    await keep({ keepLocal: 0 });
    const left = await builds.hasLogs(build);
    await builds.upload();
    await keep({ keepLocal: 0 });

    expect([left, await builds.hasLogs(build), builds.stored().length]).toEqual([true, false, 1]);
  });

  test('stays while the store cannot be asked, unless the disk is full', async () => {
    const build = await builds.ended(1);
    await builds.upload();
    builds.stores.simulator.interfere = () => ({ status: 503 });
    await expect(keep({ keepLocal: 0 })).rejects.toMatchObject({ code: 'object-store-unreachable' });
    const left = await builds.hasLogs(build);
    await dropLocalLogs(builds.flow(), { age: 0, limit: 10, isPressed: true });

    expect([left, await builds.hasLogs(build)]).toEqual([true, false]);
  });

  test('goes before any logs are given up for room on the disk', async () => {
    const some = [await builds.ended(40), await builds.ended(41)];
    await builds.upload();
    const young = await builds.ended(2);
    const usage = async () =>
      0.5 + 0.2 * (await Promise.all([...some, young].map(builds.hasLogs))).filter(Boolean).length;
    const archive = { ...builds.archive, usage };

    await expireLogs(builds.flow({ disk: { high: 0.9, low: 0.8 } }, { archive }));

    expect(await Promise.all([...some, young].map(builds.hasLogs))).toEqual([false, false, true]);
    expect(await builds.query(`select from builds where logs_expired_at is not null`)).toEqual([]);
    expect(await notices()).toEqual([]);
  });
});

describe('logs that expire', () => {
  test('go from the object store, again after a crash', async () => {
    await builds.ended(61);
    const kept = await builds.ended(2);
    await builds.upload();
    await expireLogs(builds.flow());
    builds.stores.simulator.interfere = ({ method }) => (method === 'DELETE' ? { status: 403 } : undefined);
    await expect(keepStoredLogs(builds.flow())).rejects.toMatchObject({ code: 'object-store-refused' });
    const before = builds.stored().length;
    builds.stores.simulator.interfere = () => undefined;
    await keepStoredLogs(builds.flow());

    expect([before, builds.stored()]).toEqual([2, [`${kept.logPath}deep/job-output.txt`]]);
    const removed = await builds.query(`select from log_uploads where removed_at is not null`);
    expect(removed).toHaveLength(1);
  });
});
