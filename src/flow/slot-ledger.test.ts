import { afterEach, describe, expect, test } from 'vitest';
import { prepareGuardedSlots } from '../../test/flow/guarded-slots.ts';
import type { GuardedSlots } from '../../test/flow/guarded-slots.ts';
import type { LeasedSlot } from '../domain/slot.ts';
import { errorCode } from '../domain/errors.ts';
import { bodies } from '../domain/guard/testing/calls.ts';
import { slotLedger } from './slot-ledger.ts';
import { sweepSlot } from './sweep-slots.ts';

let prepared: GuardedSlots;
afterEach(() => prepared.stop());

const name = bodies.import.image.image_name;
const hold = { renew: async () => true, signal: new AbortController().signal };

function importBy(slot: LeasedSlot) {
  const image = { ...bodies.import.image, remote_host: 'root@127.0.0.1' };
  return prepared.call(slot, 'POST /images', { image });
}

async function imagesOnFeilong(): Promise<readonly string[]> {
  const answer = (await (await fetch(`${prepared.feilong}/images`)).json()) as { output: { imagename: string }[] };
  return answer.output.map(({ imagename }) => imagename);
}

describe('two workers whose images have one id', () => {
  test.each(['lpar1', 'lpar2'])('do not import it both, when the second is on %s', async (second) => {
    prepared = await prepareGuardedSlots(second);
    const [one, two] = prepared.slots;
    const { store } = prepared.flow;
    await importBy(one);
    // Gone for the moment, as between two rounds of a sweep: Feilong says that nobody has it.
    await fetch(`${prepared.feilong}/images/${name}`, { method: 'DELETE' });

    const refused = await importBy(two);
    const images = [await store.ledgerOf(one), await store.ledgerOf(two)].map((ledger) => ledger.length);

    expect(refused).toMatchObject({ status: 403, body: { overallRC: 403 } });
    expect(refused.body.errmsg).toContain(`${name} in the slot ZA on lpar1`);
    expect(images).toEqual([1, 0]);
  });

  test('at the same moment: only one gets each', async () => {
    prepared = await prepareGuardedSlots();
    const { flow, slots } = prepared;
    const ledgers = slots.map((slot) => slotLedger(flow, slot));
    const names = Array.from({ length: 20 }, (_, index) => `image-${index}`);

    const results = await Promise.allSettled(
      names.flatMap((one) => ledgers.map((ledger) => ledger.note({ kind: 'image', name: one, memory: 0, disk: 0 }))),
    );
    const noted = (await Promise.all(slots.map((slot) => flow.store.ledgerOf(slot)))).flat();

    const refused = results.flatMap((result) => (result.status === 'rejected' ? [errorCode(result.reason)] : []));
    expect(refused).toEqual(names.map(() => 'image-taken'));
    expect(noted.map((entry) => entry.name).toSorted()).toEqual(names.toSorted());
  });

  test('the sweep of one leaves the image of the other, and frees its own', async () => {
    prepared = await prepareGuardedSlots();
    const [one, two] = prepared.slots;
    const { flow } = prepared;
    const { store } = flow;
    await store.noteInLedger(one, { kind: 'image', name }, { memory: 0, disk: 0 });
    await store.settleInLedger(one, { kind: 'image', name }, 'made');

    const early = await importBy(two);
    await sweepSlot(flow, one, hold);
    await store.settleInLedger(one, { kind: 'image', name }, 'deleted');
    const late = await importBy(two);
    await sweepSlot(flow, one, hold);

    expect([early.status, late.status]).toEqual([403, 200]);
    expect(await imagesOnFeilong()).toEqual([name]);
  });

  test('a worker imports its own image again', async () => {
    prepared = await prepareGuardedSlots();
    const [one] = prepared.slots;
    await importBy(one);
    await prepared.call(one, `DELETE /images/${name}`);

    const again = await importBy(one);

    expect(again.status).toBe(200);
  });
});
