import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { prepareEndedBuilds } from '../../test/flow/ended-builds.ts';
import type { Ended, EndedBuilds } from '../../test/flow/ended-builds.ts';
import type { LogSettings } from '../domain/settings.ts';
import type { LogArchive } from '../ports/log-archive.ts';
import { createLogger } from '../shared/logger.ts';
import type { Flow } from './context.ts';
import { expireLogs } from './expire-logs.ts';

const day = 86_400_000;
const keep = { passed: 60 * day, failed: 90 * day, infra: 60 * day, held: 120 * day };

let builds: EndedBuilds;
beforeEach(async () => {
  builds = await prepareEndedBuilds();
});
afterEach(() => builds.drop());

function flowWith(parts: { disk?: LogSettings['disk']; archive?: Partial<LogArchive> } = {}) {
  const settings = { logs: { keep, keepLocal: 0, disk: parts.disk } } as Flow['settings'];
  return {
    archive: { ...builds.archive, ...parts.archive },
    logger: createLogger('silent'),
    objects: undefined,
    settings,
    store: builds.store,
  };
}

const openNotices = () => builds.query(`select code, text from notices where closed_at is null`);

describe('logs expire', () => {
  test('by the class of their build, and the row says when and why', async () => {
    const some = [
      await builds.ended(61),
      await builds.ended(61, 'FAILURE'),
      await builds.ended(91, 'FAILURE'),
      await builds.ended(61, 'NODE_FAILURE'),
      await builds.ended(59),
    ];

    await expireLogs(flowWith());

    expect(await Promise.all(some.map(builds.hasLogs))).toEqual([false, true, false, false, true]);
    const [row] = await builds.query(`select * from builds where id = $1`, [some[0]!.id]);
    expect(row).toMatchObject({
      logs_expired_for: 'age',
      logs_expired_at: expect.any(Date),
      logs_deleted_at: expect.any(Date),
    });
    expect(await builds.hasFolder(some[0]!)).toBe(false);
  });

  test('not while a server is held, a report waits, or the buildset is open', async () => {
    const held = await builds.ended(200);
    const waits = await builds.ended(200);
    const open = await builds.ended(200);
    await builds.query(
      `insert into holds (id, state, reason, requested_by, ssh_key, ttl_seconds, held_build, until)
       values (gen_random_uuid(), 'holding', '', '', '', 1, $1, now())`,
      [held.id],
    );
    await builds.query(
      `insert into reports (buildset, message, tag, marker, state) select buildset, '', '', '', 'held' from builds where id = $1`,
      [waits.id],
    );
    await builds.query(`update buildsets s set state = 'open' from builds b where b.buildset = s.id and b.id = $1`, [
      open.id,
    ]);

    await expireLogs(flowWith({ disk: { high: 0.000_001, low: 0.000_000_1 } }));
    const kept = await Promise.all([held, waits, open].map(builds.hasLogs));
    await builds.query(`update holds set state = 'ended'`);
    await expireLogs(flowWith());

    expect(kept).toEqual([true, true, true]);
    expect(await Promise.all([held, waits, open].map(builds.hasLogs))).toEqual([false, true, true]);
  });

  test('after a crash between the row and the deletion', async () => {
    const build = await builds.ended(61);
    const broken = flowWith({ archive: { remove: () => Promise.reject(new Error('killed')) } });

    await expect(expireLogs(broken)).rejects.toThrow('killed');
    const left = await builds.hasLogs(build);
    await expireLogs(flowWith());

    expect([left, await builds.hasLogs(build)]).toEqual([true, false]);
  });
});

describe('consoles of failed boots and of images', () => {
  const consoles = ['boot-failures/2026-01-01/one.txt', 'images/devstack/one/', 'images/devstack/used/'];

  /** Each is there, and its server or image came to its end so many days ago. */
  async function consolesSince(days: number): Promise<() => Promise<readonly boolean[]>> {
    const [boot, failed, used] = consoles;
    await builds.ended(1);
    await builds.query(
      `update servers set boot_log = $1, state = 'deleted', since = now() - make_interval(days => $2)`,
      [boot, days],
    );
    for (const [path, state] of [
      [failed, 'failed'],
      [used, 'active'],
    ])
      await builds.query(
        `insert into images (id, label, cloud, name, state, requested_by, log_path, since)
         values (gen_random_uuid(), 'devstack', 'ci', $1, $2, '', $1, now() - make_interval(days => $3))`,
        [path, state, days],
      );
    await builds.archive.write(boot!, 'console');
    for (const folder of [failed, used]) await builds.archive.write(`${folder}prepare.txt`, 'console');
    return () =>
      Promise.all(
        consoles.map(async (path) => (await builds.archive.size(path.endsWith('/') ? `${path}prepare.txt` : path)) > 0),
      );
  }

  test('expire as those of builds that infrastructure ended, but for images in use', async () => {
    const areThere = await consolesSince(59);
    await expireLogs(flowWith());
    const young = await areThere();
    await builds.query(`update servers set since = since - interval '2 days'`);
    await builds.query(`update images set since = since - interval '2 days'`);
    const broken = flowWith({ archive: { remove: () => Promise.reject(new Error('killed')) } });

    await expect(expireLogs(broken)).rejects.toThrow('killed');
    await expireLogs(flowWith());
    await expireLogs(flowWith());

    expect([young, await areThere()]).toEqual([
      [true, true, true],
      [false, false, true],
    ]);
    expect(await builds.query(`select boot_log from servers where boot_log is not null`)).toEqual([]);
  });

  test('go when the disk is full, but not within the month that is promised', async () => {
    const areThere = await consolesSince(29);
    const full = flowWith({ disk: { high: 0.000_001, low: 0.000_000_1 } });
    await expireLogs(full);
    const young = await areThere();
    await builds.query(`update servers set since = since - interval '2 days'`);
    await builds.query(`update images set since = since - interval '2 days'`);

    await expireLogs(full);

    expect([young, await areThere()]).toEqual([
      [true, true, true],
      [false, false, true],
    ]);
  });
});

describe('a full disk', () => {
  const disk = { high: 0.9, low: 0.8 };
  /** Of a disk that each build's logs fill by 2 %. */
  const usageBy = (some: readonly Ended[], others: number) => async () =>
    others + 0.02 * (await Promise.all(some.map(builds.hasLogs))).filter(Boolean).length;

  test('lets the oldest logs go until there is room, and says when some were young', async () => {
    const some: Ended[] = [];
    for (let days = 40; days > 10; days -= 2) some.push(await builds.ended(days));
    const usage = usageBy(some, 0.63);

    await expireLogs(flowWith({ disk, archive: { usage } }));

    const left = await Promise.all(some.map(builds.hasLogs));
    expect(left.indexOf(true)).toBe(10);
    expect(await openNotices()).toEqual([
      {
        code: 'logs-expired-early',
        text: 'The disk was more than 90 % full: logs of 4 builds were deleted, some after only 22 days.',
      },
    ]);

    await builds.query(`update builds set ended_at = ended_at - interval '20 days'`);
    await expireLogs(flowWith({ disk, archive: { usage } }));
    expect(await openNotices()).toEqual([]);
  });

  test('is told where there is nothing to delete, and not touched below its mark', async () => {
    const build = await builds.ended(40);

    await expireLogs(flowWith({ disk, archive: { usage: async () => 0.89 } }));
    const kept = await builds.hasLogs(build);
    await expireLogs(flowWith({ disk, archive: { usage: async () => 0.95 } }));

    expect([kept, await builds.hasLogs(build)]).toEqual([true, false]);
    expect((await openNotices()).map(({ code }) => code)).toEqual(['logs-disk-full']);
  });
});
