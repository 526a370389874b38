import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkObjectStore } from '../../src/cli/check-object-store.ts';
import { allObjects } from '../../src/ports/object-store.ts';
import type { ObjectStore } from '../../src/ports/object-store.ts';
import { expireLogs } from '../../src/flow/expire-logs.ts';
import { keepStoredLogs } from '../../src/flow/keep-stored-logs.ts';
import { createLogUploader } from '../../src/flow/upload-logs.ts';
import { createLogger } from '../../src/shared/logger.ts';
import { prepareEndedBuilds } from '../../test/flow/ended-builds.ts';
import type { Ended, EndedBuilds } from '../../test/flow/ended-builds.ts';
import { readersOf } from '../../test/flow/stored-readers.ts';
import { rawGet, serve } from '../../test/web/serve.ts';
import { createPlainStatus, plainOverview } from '../../test/web/status-fixture.ts';
import { labOpenstack } from '../openstack/lab-openstack.ts';
import { openStore, startLabStores } from './lab-stores.ts';
import type { LabAccess, LabStores } from './lab-stores.ts';
import type { UploadOnce } from './upload-once.ts';

const lab = labOpenstack();
const fixtures = join(import.meta.dirname, '../../test/fixtures/feilong');
const console = Buffer.alloc(8_500_000, '2026-11-27 13:00:00.000 | a line of the console\n');
const settings = { logs: { keep: { passed: 60, failed: 90, infra: 60, held: 90 }, disk: undefined, keepLocal: 0 } };

describe.skipIf(!lab)('logs on the real object stores of the lab', () => {
  let stores: LabStores;
  let builds: EndedBuilds;
  beforeAll(async () => {
    stores = await startLabStores(lab!);
    builds = await prepareEndedBuilds();
  });
  afterAll(async () => {
    await builds.drop();
    await stores.swift.stop();
  });

  const flowWith = (objects: ObjectStore) => ({
    archive: builds.archive,
    logger: createLogger('silent'),
    objects,
    self: randomUUID(),
    settings: settings as never,
    store: builds.store,
  });

  /** A build that has passed, with files of a real run. */
  async function endedBuild(): Promise<Ended> {
    const build = await builds.ended(1);
    await builds.archive.write(`${build.logPath}job-output.txt`, console);
    for (const entry of await readdir(fixtures, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      await builds.archive.write(`${build.logPath}logs${path.slice(fixtures.length)}`, await readFile(path));
    }
    return build;
  }

  async function namesIn(objects: ObjectStore, folder: string): Promise<readonly string[]> {
    const names: string[] = [];
    for await (const { path } of allObjects(objects, folder)) names.push(path);
    return names;
  }

  /** SIGKILL while it uploads; answers how many objects were there then. */
  async function killInTheMiddle(access: LabAccess, build: Ended): Promise<number> {
    const { databaseUrl, directory } = builds;
    const what: UploadOnce = { self: randomUUID(), databaseUrl, directory, access };
    const script = join(import.meta.dirname, 'upload-once.ts');
    const child = spawn(process.execPath, [script, JSON.stringify(what)], { stdio: ['ignore', 'ignore', 'inherit'] });
    const ended = once(child, 'exit');
    const objects = openStore(access);
    while (child.exitCode === null && (await namesIn(objects, build.logPath)).length < 5) await wait(20);
    child.kill('SIGKILL');
    await ended;
    return (await namesIn(objects, build.logPath)).length;
  }

  test.each(['swift', 's3'] as const)(
    '%s: uploaded through a kill, read back, and gone when they expire',
    async (kind) => {
      const access = kind === 'swift' ? stores.swiftAccess : stores.s3Access;
      const objects = openStore(access);
      const build = await endedBuild();
      const local = (await builds.archive.list(build.logPath)).map(({ path }) => path);

      const there = await killInTheMiddle(access, build);
      await builds.query(`update log_uploads set claimed_until = now()`);
      await createLogUploader(flowWith(objects), new AbortController().signal)();

      expect(there).toBeGreaterThanOrEqual(5);
      expect(there).toBeLessThan(local.length);
      expect((await namesIn(objects, build.logPath)).toSorted()).toEqual(local.toSorted());
      expect(
        await builds.query(`select files from log_uploads where stored_at is not null and build = $1`, [build.id]),
      ).toEqual([{ files: local.length }]);

      await keepStoredLogs(flowWith(objects));
      expect(await builds.hasFolder(build)).toBe(false);
      const { storedLogs } = readersOf({ ...builds, objects });
      const served = await serve(createPlainStatus(plainOverview()), { storedLogs });
      const address = `/logs/${build.logPath}job-output.txt`;
      const part = await rawGet(served.url, address, { headers: { range: 'bytes=8000000-8000099' } });
      const whole = await rawGet(served.url, address);
      const view = await rawGet(served.url, `/view/${build.logPath}job-output.txt?line=100000`);
      const folder = await rawGet(served.url, `/logs/${build.logPath}`);
      await served.stop();
      expect([part.status, part.body.equals(console.subarray(8_000_000, 8_000_100))]).toEqual([206, true]);
      expect(whole.body.equals(console)).toBe(true);
      expect(String(view.body)).toContain('a line of the console');
      expect(String(folder.body)).toContain('job-output.txt');

      await expireLogs(flowWith(objects));
      await keepStoredLogs(flowWith(objects));
      expect(await namesIn(objects, build.logPath)).toEqual([]);
    },
  );

  test('while the store is down logs stay, and are uploaded when it is up again', async () => {
    const objects = openStore(stores.s3Access);
    const build = await builds.ended(1);
    await stores.swift.kill('s3');
    await createLogUploader(flowWith(objects), new AbortController().signal)();
    const [row] = await builds.query(`select problem, stored_at from log_uploads where build = $1`, [build.id]);
    await stores.swift.start('s3');
    await builds.query(`update log_uploads set next_try_at = now()`);
    await createLogUploader(flowWith(objects), new AbortController().signal)();

    expect(row).toMatchObject({ problem: expect.stringContaining('did not answer') as string, stored_at: null });
    expect(await builds.hasLogs(build)).toBe(true);
    expect(await namesIn(objects, build.logPath)).toHaveLength(1);
  });

  test('the doctor writes, reads, lists and deletes, and names what is wrong', async () => {
    const { s3Access, swiftAccess } = stores;
    const wrong = await Promise.all([
      checkObjectStore(openStore({ ...s3Access, secretKey: 'wrong-secret' })),
      checkObjectStore(openStore({ ...s3Access, accessKey: 'lab:nobody' })),
      checkObjectStore(openStore({ ...s3Access, bucket: 'gone' })),
      checkObjectStore(openStore({ ...swiftAccess, container: 'gone' })),
    ]);
    const right = await Promise.all([s3Access, swiftAccess].map((access) => checkObjectStore(openStore(access))));

    expect(right.flat().filter(({ ok }) => !ok)).toEqual([]);
    expect(right.map((findings) => findings.map(({ what }) => what))).toEqual(
      Array(2).fill(['write', 'read', 'list', 'delete']),
    );
    expect(wrong.map(([finding]) => finding?.todo)).toEqual([
      expect.stringContaining('secret_key does not belong to access_key'),
      expect.stringContaining('access_key'),
      expect.stringContaining('Make the bucket'),
      expect.stringContaining('openstack container create'),
    ]);
  });
});
