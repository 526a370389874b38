import { z } from 'zod';

/** A fault ends after `count` calls it hit, or with `DELETE /simulator/faults`. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** sdkserver is down: overallRC 101 everywhere, and HTTP 200 for the list of guests. */
  z.strictObject({ kind: z.literal('sdkserver-down'), count: z.int().positive().optional() }),
  /** Everything is answered with 503. */
  z.strictObject({ kind: z.literal('refuse'), count: z.int().positive().optional() }),
  /** z/VM cannot delete this userid. */
  z.strictObject({ kind: z.literal('delete-fails'), userid: z.string().max(8), count: z.int().positive().optional() }),
  /** Every call takes this much longer. */
  z.strictObject({ kind: z.literal('delay'), ms: z.int().min(0).max(600_000), count: z.int().positive().optional() }),
]);

type Fault = z.infer<typeof faultSchema>;

export interface Faults {
  add(fault: Fault): void;
  clear(): void;
  list(): readonly Fault[];
  /** The fault of that kind that hits this call, counted down. */
  take<K extends Fault['kind']>(kind: K, userid?: string): Extract<Fault, { kind: K }> | undefined;
}

export function createFaults(): Faults {
  let active: Fault[] = [];

  return {
    add(fault) {
      active.push(fault);
    },
    clear() {
      active = [];
    },
    list: () => active,
    take(kind, userid) {
      const hit = active.find(
        (fault): fault is Extract<Fault, { kind: typeof kind }> =>
          fault.kind === kind && (fault.kind !== 'delete-fails' || fault.userid.toUpperCase() === userid),
      );
      if (hit?.count !== undefined) {
        active = active.filter((fault) => fault !== hit);
        if (hit.count > 1) active.unshift({ ...hit, count: hit.count - 1 });
      }
      return hit;
    },
  };
}
