import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { checkBackend } from '../../src/adapters/zvm/check-backend.ts';
import { tryGuest } from '../../src/adapters/zvm/try-guest.ts';
import { createFeilongBackend } from '../../src/adapters/zvm/create-feilong-backend.ts';
import { Secret } from '../../src/domain/secret.ts';
import type { Backend, CleanRound, MadeInSlot, SlotHold } from '../../src/ports/backend.ts';
import { addImage, askFeilong, createGuest, guestsOf, imagesOf } from './ask-feilong.ts';
import { releases } from './releases.ts';
import type { Release } from './releases.ts';
import { startFeilong } from './start-feilong.ts';
import type { RealFeilong } from './start-feilong.ts';

const adminToken = 'x'.repeat(42);
const patience = { timeout: 10_000 };
/** No other test makes it, so that the call that does is the one that is waited for. */
const orphan = 'ZA00DEAD';
const hold: SlotHold = { renew: async () => true, signal: new AbortController().signal };
const madeNothing: MadeInSlot = { guests: [], images: [] };

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
    for (const userid of await guestsOf(feilong)) await askFeilong(feilong, `DELETE /guests/${userid}`);
  });

  /** One round on the slot ZA0. */
  function clean(made: Partial<MadeInSlot> = {}): Promise<CleanRound> {
    return backend.cleanSlot({ backend: 'lab', prefix: 'ZA0' }, { ...madeNothing, ...made }, hold);
  }

  test('tells sidegate that it is healthy, and of which z/VM', async () => {
    const { free, text } = await backend.checkHealth();

    expect(text).toMatch(/^FAKEZVM1, z\/VM 7\.2\.0, Feilong 1\.[46]\.\d; free: \d+ GiB of disk, 248 GiB of memory$/);
    expect(free?.memory).toBe(248 * 1024);
    expect(free?.disk).toBeGreaterThan(600);
  });

  test('is all right for the doctor, which tries with a guest what sidegate’s account may do', async () => {
    const options = { name: 'lab', url: feilong.url };

    const seen = await checkBackend({ ...options, prefixes: ['ZA0'], disk: 10 });
    const tried = await tryGuest(options, 'ZA0');

    expect([...seen, ...tried].filter(({ ok, unchecked }) => !ok && !unchecked)).toEqual([]);
    expect(seen.filter(({ unchecked }) => unchecked)).toHaveLength(release === 'debian' ? 1 : 0);
    expect(tried).toHaveLength(5);
    expect(await guestsOf(feilong)).toEqual([]);
  });

  test('tells the doctor what it may not', async () => {
    await feilong.zvm.disturb({ fail: ['Image_Activate'] });

    const tried = await tryGuest({ name: 'lab', url: feilong.url }, 'ZA0');

    expect(tried.map(({ ok }) => ok)).toEqual([true, true, true, false, true]);
    expect(await guestsOf(feilong)).toEqual([]);
  });

  test('loses the guests of a slot, of any generation and in any case, and no others', async () => {
    for (const guest of ['za000001', 'ZA0F0001', 'za10000f', 'ZB000001']) await createGuest(feilong, guest);

    const rounds = [await clean(), await clean()];

    expect(rounds.map(({ found }) => found.toSorted())).toEqual([['ZA000001', 'ZA0F0001'], []]);
    expect(rounds.map(({ trouble }) => trouble)).toEqual(['', '']);
    expect(await feilong.zvm.directory()).toEqual(['ZA10000F', 'ZB000001']);
  });

  test('loses the images that a worker imported, and no others', async () => {
    for (const image of ['0b0f3a44-made', 'somebodys']) await addImage(feilong, image);

    const { found } = await clean({ images: ['0b0f3a44-made', 'never-imported'] });

    expect(found).toEqual(['image 0b0f3a44-made']);
    expect(await imagesOf(feilong)).toEqual(['somebodys']);
  });

  test('with sdkserver down it answers 200 with overallRC 101, which is an outage and not "no guests"', async () => {
    await createGuest(feilong, 'ZA000001');

    await feilong.kill('sdkserver');
    const { status, body } = await askFeilong(feilong, 'GET /guests');

    expect({ status, overallRC: body.overallRC }).toEqual({ status: 200, overallRC: 101 });
    await expect(clean()).rejects.toMatchObject({ code: 'backend-sick' });
    await expect(backend.checkHealth()).rejects.toMatchObject({ code: 'backend-sick' });
    expect(await feilong.zvm.directory()).toEqual(['ZA000001']);
  });

  test('with its REST side down it is unreachable, and afterwards knows its guests again', async () => {
    await createGuest(feilong, 'ZA000001');

    await feilong.kill('rest');
    const down = await backend.checkHealth().catch((error: unknown) => error);
    await feilong.start('rest');

    expect(down).toMatchObject({ code: 'backend-unreachable' });
    expect(await guestsOf(feilong)).toEqual(['ZA000001']);
  });

  test.each([
    ['whose directory entry is locked', { locked: ['ZA000001'] }, 'rc 400, rs 12'],
    ['that DirMaint fails to delete', { fail: ['Image_Delete_DM'] }, 'rc 596, rs 6213'],
  ])('a guest %s stays, and sidegate is told why; it goes later', async (_what, faults, codes) => {
    await createGuest(feilong, 'ZA000001');
    await feilong.zvm.disturb(faults);

    const refused = await clean();
    const meanwhile = await feilong.zvm.directory();
    await feilong.zvm.disturb({});
    await clean();

    expect(refused).toEqual({ found: ['ZA000001'], trouble: expect.stringContaining(codes) as string });
    expect(meanwhile).toEqual(['ZA000001']);
    expect(await feilong.zvm.directory()).toEqual([]);
  });

  test('killed while it creates a guest it leaves an orphan in z/VM’s directory, which sidegate finds and removes', async () => {
    await feilong.zvm.disturb({ delays: { Image_Create_DM: 1 } });
    const creating = createGuest(feilong, orphan).catch(() => undefined);
    await expect
      .poll(() => feilong.zvm.calls(), patience)
      .toContainEqual(expect.stringContaining(`Image_Create_DM --addRCheader -T ${orphan}`));
    await feilong.kill('sdkserver');
    await creating;
    await expect.poll(() => feilong.zvm.directory(), patience).toEqual([orphan]);
    await feilong.zvm.disturb({});
    await feilong.start('sdkserver');

    const known = await guestsOf(feilong);
    const deleted = await askFeilong(feilong, `DELETE /guests/${orphan}`);
    // 1.4.1 does not list the directory: there only the ledger knows of it.
    const round = await clean({ guests: release === 'debian' ? [orphan] : [] });

    expect(known).toEqual([]);
    expect(deleted.status).toBe(404);
    expect(round).toEqual({ found: [`${orphan} (unknown to Feilong)`], trouble: '' });
    expect(await feilong.zvm.directory()).toEqual([]);
  });

  test('a create that fails half-way is told as a failure and leaves the guest, which the sweep removes', async () => {
    await feilong.zvm.disturb({ fail: ['Image_Disk_Create_DM'] });

    const created = await createGuest(feilong, 'ZA000001').catch(String);
    await feilong.zvm.disturb({});
    const left = await guestsOf(feilong);
    await clean();

    expect(created).toContain('500');
    expect(left).toEqual(['ZA000001']);
    expect(await feilong.zvm.directory()).toEqual([]);
  });

  test('a hard reboot: 1.6.3 makes it, 1.4.1 logs the guest off, fails, and leaves it so', async () => {
    await createGuest(feilong, 'ZA000001');
    await askFeilong(feilong, 'POST /guests/ZA000001/action', { action: 'start' });

    const { status } = await askFeilong(feilong, 'POST /guests/ZA000001/action', { action: 'reset' });

    expect(status).toBe(release === 'debian' ? 500 : 200);
    expect(await feilong.zvm.running()).toEqual(release === 'debian' ? [] : ['ZA000001']);
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

  test('asked for tokens, 1.6.3 lets sidegate in by one; 1.4.1 gives one and never takes it', async () => {
    const strict = await startFeilong({ root: join(folder, 'strict'), release, adminToken });
    const withToken = createFeilongBackend({ name: 'lab', url: strict.url, token: new Secret(adminToken) });

    const anonymous = await askFeilong(strict, 'GET /guests');
    const health = await withToken.checkHealth().catch((error: unknown) => error);
    await strict.stop();

    expect(anonymous.status).toBe(401);
    if (release === 'debian') expect(health).toMatchObject({ code: 'backend-refused' });
    else expect(health).toMatchObject({ text: expect.stringContaining('Feilong 1.6.3') as string });
  });
});
