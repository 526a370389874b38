import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createFeilongBackend } from '../../src/adapters/zvm/create-feilong-backend.ts';
import type { Backend } from '../../src/ports/backend.ts';
import { askFeilong, createGuest, guestsOf } from './ask-feilong.ts';
import { releases } from './releases.ts';
import type { Release } from './releases.ts';
import { startFeilong } from './start-feilong.ts';
import type { RealFeilong } from './start-feilong.ts';

const adminToken = 'x'.repeat(42);
const patience = { timeout: 10_000 };

describe.each(Object.keys(releases) as Release[])('a real Feilong (%s)', (release) => {
  let folder: string;
  let feilong: RealFeilong;
  let backend: Backend;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'feilong-lab-'));
    feilong = await startFeilong({ root: join(folder, 'open'), release });
    backend = createFeilongBackend({ name: 'lab', url: feilong.url });
  });
  afterAll(async () => {
    await feilong.stop();
    await rm(folder, { recursive: true, force: true });
  });
  afterEach(async () => {
    await feilong.zvm.disturb({});
    await feilong.start('sdkserver');
    await feilong.start('rest');
    for (const guest of await backend.listGuests('ZA')) await backend.deleteGuest(guest);
  });

  test('tells sidegate that it is healthy, and of which z/VM', async () => {
    const health = await backend.checkHealth();

    expect(health).toMatchObject({ host: 'FAKEZVM1', memoryFree: 248 * 1024 });
    expect(health.version).toMatch(/^z\/VM 7\.2\.0, Feilong 1\.[46]\.\d$/);
    expect(health.diskAvailable).toBeGreaterThan(600);
  });

  test('lists guests of a prefix in upper case; sidegate deletes them, also twice, and no others', async () => {
    for (const guest of ['za000001', 'za10000f', 'ZB000001']) await createGuest(feilong, guest);

    const listed = await backend.listGuests('za0');
    await backend.deleteGuest('ZA000001');
    await backend.deleteGuest('ZA000001');

    expect(listed).toEqual(['ZA000001']);
    expect(await feilong.zvm.directory()).toEqual(['ZA10000F', 'ZB000001']);
    await backend.deleteGuest('ZB000001');
  });

  test('with sdkserver down it answers 200 with overallRC 101, which sidegate takes for an outage and not for "no guests"', async () => {
    await createGuest(feilong, 'ZA000001');

    await feilong.kill('sdkserver');
    const { status, body } = await askFeilong(feilong, 'GET /guests');

    expect({ status, overallRC: body.overallRC }).toEqual({ status: 200, overallRC: 101 });
    await expect(backend.listGuests('ZA')).rejects.toMatchObject({ code: 'backend-sick' });
    await expect(backend.deleteGuest('ZA000001')).rejects.toMatchObject({ code: 'backend-sick' });
    await expect(backend.checkHealth()).rejects.toMatchObject({ code: 'backend-sick' });
    expect(await feilong.zvm.directory()).toEqual(['ZA000001']);
  });

  test('with its REST side down it is unreachable, and afterwards knows its guests again', async () => {
    await createGuest(feilong, 'ZA000001');

    await feilong.kill('rest');
    const down = await backend.checkHealth().catch((error: unknown) => error);
    await feilong.start('rest');

    expect(down).toMatchObject({ code: 'backend-unreachable' });
    expect(await backend.listGuests('ZA')).toEqual(['ZA000001']);
  });

  test('a guest whose directory entry is locked is not deleted, which sidegate is told; it is when the lock is gone', async () => {
    await createGuest(feilong, 'ZA000001');
    await feilong.zvm.disturb({ locked: ['ZA000001'] });

    const locked = await backend.deleteGuest('ZA000001').catch((error: unknown) => error);
    const directory = await feilong.zvm.directory();
    await feilong.zvm.disturb({});
    await backend.deleteGuest('ZA000001');

    expect(locked).toMatchObject({ code: 'backend-sick', detail: expect.stringContaining('rc 400, rs 12') as string });
    expect(directory).toEqual(['ZA000001']);
    expect(await feilong.zvm.directory()).toEqual([]);
  });

  test('a failure of DirMaint is told with its codes', async () => {
    await createGuest(feilong, 'ZA000001');
    await feilong.zvm.disturb({ fail: ['Image_Delete_DM'] });

    await expect(backend.deleteGuest('ZA000001')).rejects.toMatchObject({
      code: 'backend-sick',
      detail: expect.stringContaining('rc 596, rs 6213') as string,
    });
  });

  test('killed while it creates a guest it leaves an orphan, which can be deleted once it is adopted', async () => {
    await feilong.zvm.disturb({ delays: { Image_Create_DM: 1 } });
    const creating = createGuest(feilong, 'ZA000001').catch(() => undefined);
    await expect.poll(() => feilong.zvm.calls(), patience).toContainEqual(expect.stringContaining('Image_Create_DM'));
    await feilong.kill('sdkserver');
    await creating;
    await expect.poll(() => feilong.zvm.directory(), patience).toEqual(['ZA000001']);
    await feilong.zvm.disturb({});
    await feilong.start('sdkserver');

    const known = await backend.listGuests('ZA');
    const refused = await backend.deleteGuest('ZA000001').catch((error: unknown) => error);
    const onHost = await askFeilong(feilong, 'GET /host/guests');
    const adopted = await askFeilong(feilong, 'POST /guests/ZA000001/action', {
      action: 'register_vm',
      meta: 'os_version=rhel7.2',
      net_set: '1',
    });
    await backend.deleteGuest('ZA000001');

    expect(known).toEqual([]);
    expect(refused).toMatchObject({ code: 'backend-refused' });
    // 1.6.3 adopts it and says that it could not: the guest has no network card yet.
    expect(adopted.status).toBe(release === 'debian' ? 200 : 409);
    expect(onHost.status).toBe(release === 'debian' ? 404 : 200);
    if (release !== 'debian') expect(onHost.body.output).toContain('ZA000001');
    expect(await feilong.zvm.directory()).toEqual([]);
  });

  test('two of them, each over a z/VM of its own, know nothing of each other', async () => {
    const other = await startFeilong({ root: join(folder, 'other'), release });
    await createGuest(feilong, 'ZA000001');
    await createGuest(other, 'ZA000002');

    const directories = [await feilong.zvm.directory(), await other.zvm.directory()];
    const known = [await guestsOf(feilong), await guestsOf(other)];
    await other.stop();

    expect(directories).toEqual([['ZA000001'], ['ZA000002']]);
    expect(known).toEqual(directories);
  });

  test('asked for tokens, 1.6.3 gives one and lets its owner in; 1.4.1 gives one and never takes it', async () => {
    const strict = await startFeilong({ root: join(folder, 'strict'), release, adminToken });

    const without = await askFeilong(strict, 'GET /guests');
    const given = await fetch(`${strict.url}/token`, { method: 'POST', headers: { 'X-Admin-Token': adminToken } });
    const token = given.headers.get('X-Auth-Token') ?? '';
    const shown = await askFeilong(strict, 'GET /guests', undefined, { 'X-Auth-Token': token });
    await strict.stop();

    expect([without.status, given.status]).toEqual([401, 200]);
    expect(shown.status).toBe(release === 'debian' ? 401 : 200);
  });
});
