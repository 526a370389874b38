import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import type { PushedPatchset } from '../../lab/gerrit/push-change.ts';
import { startObjectSimulator } from '../../simulators/objects/simulator.ts';
import type { ObjectSimulator } from '../../simulators/objects/simulator.ts';
import { createDirectoryArchive } from '../../src/adapters/logs/directory-archive.ts';
import { configure } from './world/faults.ts';
import { commented, until } from './world/look.ts';
import { runDoctor } from './world/run-doctor.ts';
import { askSidegate } from './world/run-sidegate.ts';
import { startWorld } from './world/world.ts';
import type { World } from './world/world.ts';

const account = { accessKey: 'AKIASTORY', secretKey: 'correct-horse-battery', region: 'us-east-1' };

/** An S3 server that checks signatures, and the local copy gone at once. */
describe('logs that go to an object store', () => {
  let objects: ObjectSimulator;
  let world: World;
  let pushed: PushedPatchset;
  let logPath: string;

  beforeAll(async () => {
    objects = await startObjectSimulator({ containers: ['zvm'], account, password: '' });
    world = await startWorld();
    for (const key of ['accessKey', 'secretKey'] as const) await writeFile(join(world.directory, key), account[key]);
    await configure(world, (story) => {
      const s3 = {
        endpoint: objects.s3Url,
        bucket: 'zvm',
        access_key: { file: join(world.directory, 'accessKey') },
        secret_key: { file: join(world.directory, 'secretKey') },
      };
      Object.assign(story, { logs: { directory: './logs', upload: { s3, keep_local: '0s' } } });
    });
    await world.startSidegate();
    pushed = await world.push({ logs: { 'n-cpu.txt': 'a line of nova\n' } });
    await commented(world, pushed);
    // A build is uploaded when it has been over for a minute.
    await restart(`update builds set ended_at = ended_at - interval '2 minutes'`);
    await until(
      () => select('stored_at is not null'),
      ({ length }) => length === 1,
    );
  });
  afterAll(async () => {
    await world.stop();
    await objects.close();
  });

  async function select(condition: string): Promise<readonly { log_path: string }[]> {
    const { rows } = await world.database.pool.query<{ log_path: string }>(
      `select b.log_path from log_uploads u join builds b on b.id = u.build where ${condition}`,
    );
    return rows;
  }

  /** Loops run at the start: no waiting for their next round. */
  async function restart(query?: string): Promise<string> {
    await world.stopSidegates();
    if (query !== undefined) await world.database.pool.query(query);
    const { ready } = await world.startSidegate();
    return ready.url;
  }

  test('are served under the address in the comment when the local copy is gone', async () => {
    const url = await restart();
    await until(
      () => select('local_deleted_at is not null'),
      ({ length }) => length === 1,
    );
    [{ log_path: logPath }] = (await select('true')) as [{ log_path: string }];
    expect(await createDirectoryArchive(join(world.directory, 'logs')).list(logPath)).toEqual([]);
    const { comments } = await commented(world, pushed);
    expect(comments[0]?.message).toContain(logPath);
    const console = await fetch(`${url}/logs/${logPath}job-output.txt`, { headers: { Range: 'bytes=0-9' } });
    expect([console.status, (await console.text()).length]).toEqual([206, 10]);
    const folder = await (await fetch(`${url}/logs/${logPath}`)).text();
    expect(folder).toContain('job-output.txt');
  });

  test('are looked through for signatures where they are', async () => {
    await mkdir(join(world.directory, 'own'));
    const own = {
      id: 'nova-line',
      title: 'Nova says something',
      cause: 'flaky',
      logs: ['n-cpu.txt'],
      any: ['of nova'],
    };
    await writeFile(join(world.directory, 'own', 'nova-line.yaml'), stringify(own));
    await configure(world, (story) => Object.assign(story, { signatures: ['./own'] }));

    expect(await askSidegate(world, 'signatures', 'test')).toMatch(/^nova-line +0 +1 +0/m);
  });

  test('are tried by the doctor', async () => {
    expect(await runDoctor(world)).toMatch(
      /Logs in bucket zvm at .*\n.*ok +write\n.*ok +read\n.*ok +list\n.*ok +delete/,
    );
  });
});
