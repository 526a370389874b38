import type { LeasedSlot } from '../../../domain/slot.ts';

/** SQL, with `leaseValues` as $1 to $3: the row of `slots`, as long as nobody else has had it since. */
export const sameLease = `backend = $1 and prefix = $2 and epoch = $3`;

export function leaseValues({ backend, prefix, generation }: LeasedSlot): readonly unknown[] {
  return [backend, prefix, generation];
}
