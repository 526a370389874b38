import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newKey } from '../../../../simulators/openstack/testing/ssh.ts';
import { hostKeysOf } from '../../../domain/host-keys.ts';
import type { CloudCapacity } from '../../../domain/capacity.ts';
import { ContractContext } from './contract-context.ts';
import type { ContractCloud } from './contract-context.ts';
import { waitForStatus } from './remove-all.ts';

export type { ContractCloud };

/** What `Cloud` promises, for the simulator and for the real OpenStack of the lab. Everything made here is removed again. */
export function describeCloud(name: string, start: () => Promise<ContractCloud>): void {
  describe(`${name} as a cloud`, () => {
    const context = new ContractContext(start);
    describe('a server', () => {
      testBoot(context);
      testRemoval(context);
      testRefusals(context);
    });
    testFloatingAddress(context);
    testVolume(context);
    testImages(context);
    testMarks(context);
    testCapacity(context);
  });
}

function testBoot(context: ContractContext): void {
  test('boots, has an address and carries its mark', async () => {
    const wanted = context.request();
    const { id } = await context.boot(wanted);

    const server = await context.cloud.showServer(id);

    expect(server).toEqual({
      id,
      name: wanted.name,
      status: 'ACTIVE',
      address: expect.stringMatching(/^[\d.]+$/u) as string,
      fault: undefined,
      imageId: expect.stringMatching(/^[\da-f-]{36}$/u) as string,
      hostKeys: [],
      mark: wanted.mark,
    });
  });

  test('is created once, as are its ports', async () => {
    const wanted = context.request();
    const first = await context.cloud.ensureServer(wanted);

    const again = await context.cloud.ensureServer(wanted);

    expect(again).toBe(first);
    expect(await context.marked()).toEqual([
      expect.objectContaining({ kind: 'server', id: first, name: wanted.name, of: wanted.mark.server }),
      expect.objectContaining({ kind: 'port', name: wanted.name, of: wanted.mark.server }),
    ]);
  });

  test('shows its host keys on the console', async () => {
    const id = await context.cloud.ensureServer(context.request());

    const hostKeys = async () => hostKeysOf(await context.cloud.consoleLog(id)).length;

    await expect.poll(hostKeys, { timeout: context.tested.patience, interval: 200 }).toBeGreaterThan(0);
  });

  test('takes the newest image of a pattern, security groups, user data, a config drive and metadata', async () => {
    const wanted = context.request({
      image: `${context.tested.place.image.slice(0, 4)}*`,
      networks: [context.tested.securedNetwork],
      securityGroups: ['default'],
      userData: '#cloud-config\n',
      configDrive: true,
      metadata: { team: 'nova', sidegate_owner: 'nobody' },
    });

    const { id } = await context.boot(wanted);

    expect((await context.cloud.showServer(id))?.mark).toEqual(wanted.mark);
  });
}

function testRemoval(context: ContractContext): void {
  test('that is removed leaves nothing, and removing it again is no error', async () => {
    const remains = await context.boot(context.request());

    await context.remove(remains);
    const again = await context.cloud.removeServer(remains, false);

    expect(again).toBe(true);
    expect(await context.marked()).toEqual([]);
    expect(await context.cloud.showServer(remains.id)).toBeUndefined();
    expect(await context.cloud.consoleLog(remains.id)).toBe('');
  });

  test('is found by its mark when nobody knows its id, and goes by force as well', async () => {
    const wanted = context.request();
    await context.cloud.ensureServer(wanted);

    await context.remove({ id: undefined, mark: wanted.mark, place: undefined }, true);

    expect(await context.marked()).toEqual([]);
  });
}

function testRefusals(context: ContractContext): void {
  test('beyond the quota is refused as such; its port is found and removed', async ({ skip }) => {
    const { overQuotaFlavor } = context.tested;
    if (overQuotaFlavor === undefined) return skip('the project has no limit');
    const wanted = context.request({ flavor: overQuotaFlavor });

    const attempt = context.cloud.ensureServer(wanted);

    await expect(attempt).rejects.toMatchObject({ code: 'cloud-quota' });
    expect(await context.kinds()).toEqual(['port']);
    const remains = { id: undefined, mark: wanted.mark, place: wanted.place };
    expect(await context.cloud.removeServer(remains, false)).toBe(true);
    expect(await context.marked()).toEqual([]);
  });

  test('that no host can hold goes to ERROR with the fault of Nova, and can be removed', async ({ skip }) => {
    const { noHostFlavor, patience } = context.tested;
    if (noHostFlavor === undefined) return skip('there is no such flavor within the quota');
    const wanted = context.request({ flavor: noHostFlavor });
    const id = await context.cloud.ensureServer(wanted);
    await waitForStatus(context.cloud, id, { status: 'ERROR', patience });

    const server = await context.cloud.showServer(id);

    expect(server?.fault).toContain('No valid host was found.');
    expect(await context.cloud.consoleLog(id)).toBe('');
    await context.remove({ id, mark: wanted.mark, place: wanted.place });
    expect(await context.marked()).toEqual([]);
  });

  test.each([
    ['image', { image: 'nope' }],
    ['image', { image: 'nope-*' }],
    ['flavor', { flavor: 'nope' }],
    ['network', { networks: ['nope'] }],
    ['security group', { securityGroups: ['nope'] }],
  ])('with an unknown %s is refused by name, and nothing was made', async (what, changes) => {
    const attempt = context.cloud.ensureServer(context.request(changes));

    await expect(attempt).rejects.toMatchObject({
      code: 'cloud-refused',
      detail: expect.stringMatching(new RegExp(`there is no (active )?${what} (named|like) nope`, 'u')) as string,
    });
    expect(await context.marked()).toEqual([]);
  });
}

function testFloatingAddress(context: ContractContext): void {
  test('a floating address is the server’s address, and goes with it', async ({ skip }) => {
    const { floating } = context.tested;
    if (!floating) return skip('the cloud has no floating addresses');
    const wanted = context.request({ networks: [floating.network], floatingNetwork: floating.floatingNetwork });
    const remains = await context.boot(wanted);

    const address = (await context.cloud.showServer(remains.id))?.address;
    const again = await context.cloud.ensureServer(wanted);

    expect(again).toBe(remains.id);
    expect((await context.marked()).find(({ kind }) => kind === 'floating-ip')?.name).toBe(address);
    expect(await context.kinds()).toEqual(['floating-ip', 'port', 'server']);
    await context.remove(remains);
    expect(await context.marked()).toEqual([]);
  });
}

function testVolume(context: ContractContext): void {
  test('a server can boot from a volume, which goes with it', async ({ skip }) => {
    if (!context.tested.volumes) return skip('the cloud has no block storage');
    const remains = await context.boot(context.request({ volume: { size: 1, type: undefined } }));

    const server = await context.cloud.showServer(remains.id);

    expect(server?.imageId).toBeUndefined();
    expect(await context.kinds()).toEqual(['port', 'server', 'volume']);
    await context.remove(remains);
    expect(await context.marked()).toEqual([]);
  });
}

function testImages(context: ContractContext): void {
  test('a snapshot is asked for once, is shown and listed, and can be deleted', async () => {
    const images = context.cloud.images!;
    const { id } = await context.boot(context.request());
    const mark = { owner: context.owner, image: randomUUID() };
    const wanted = { server: id, name: `sidegate-${mark.image}`, mark };

    const image = await images.ensureSnapshot(wanted);
    const again = await images.ensureSnapshot(wanted);

    expect(again).toBe(image);
    expect(await images.showImage(image)).toMatchObject({ id: image, name: wanted.name });
    expect((await context.marked()).find(({ kind }) => kind === 'image')).toMatchObject({ id: image, of: mark.image });
    await images.deleteImage(image);
    await images.deleteImage(image);
    expect(await context.kinds()).toEqual(['port', 'server']);
  });
}

function testMarks(context: ContractContext): void {
  test('a keypair is listed by its name, and one with another key is left alone', async () => {
    const name = context.keypair;

    const attempt = context.cloud.ensureKeypair(name, newKey().public);

    await expect(attempt).rejects.toMatchObject({ code: 'cloud-refused' });
    expect(await context.cloud.listMarked(context.owner)).toEqual([
      { kind: 'keypair', id: name, name, of: undefined, status: '' },
    ]);
  });

  test('what others made is not listed', async () => {
    await context.cloud.ensureServer(context.request());

    const others = await context.cloud.listMarked(randomUUID());

    expect(others).toEqual([]);
  });
}

function testCapacity(context: ContractContext): void {
  test('a server uses quota, at the latest when it is ACTIVE', async () => {
    const { place } = context.tested;
    const before = await context.cloud.capacity([place]);
    await context.boot(context.request());

    const after = await context.cloud.capacity([place]);

    const { cores = 0, ram = 0 } = after.sizes[place.flavor] ?? {};
    expect(usedOf(after, 'servers')).toBe(usedOf(before, 'servers') + 1);
    expect(usedOf(after, 'cores')).toBe(usedOf(before, 'cores') + cores);
    expect(usedOf(after, 'ram')).toBe(usedOf(before, 'ram') + ram);
    expect(usedOf(after, 'ports')).toBeGreaterThan(usedOf(before, 'ports'));
  });

  test('an unknown flavor has no size', async () => {
    const { sizes } = await context.cloud.capacity([{ ...context.tested.place, flavor: 'nope' }]);

    expect(sizes).toEqual({});
  });
}

function usedOf({ quotas }: CloudCapacity, wanted: string): number {
  return quotas.find(({ kind }) => kind === wanted)?.used ?? Number.NaN;
}
