import { z } from 'zod';
import type { Room } from './call.ts';
import { faultSchema } from './faults.ts';
import { newEntry } from './system.ts';

const foreignSchema = z.strictObject({
  userid: z.string().regex(/^[A-Z0-9]{1,8}$/),
  power: z.enum(['on', 'off']).default('off'),
});

/** The simulator's own levers, below `/simulator`: no part of Feilong. Undefined for an unknown one. */
export function pullLever(
  room: Room,
  lever: string,
  body: unknown,
): { readonly status: number; readonly body: unknown } | undefined {
  switch (lever) {
    case 'GET /simulator/faults':
      return { status: 200, body: room.faults.list() };
    case 'POST /simulator/faults': {
      const fault = faultSchema.safeParse(body);
      if (!fault.success) return refusal(fault.error);
      room.faults.add(fault.data);
      return { status: 200, body: room.faults.list() };
    }
    case 'DELETE /simulator/faults':
      room.faults.clear();
      return { status: 200, body: [] };
    case 'GET /simulator/audit':
      return { status: 200, body: room.system.audit.report() };
    case 'POST /simulator/directory': {
      // A guest somebody made without Feilong.
      const foreign = foreignSchema.safeParse(body);
      if (!foreign.success) return refusal(foreign.error);
      const entry = newEntry({ userid: foreign.data.userid, vcpus: 1, memory: 1024, profile: 'IBMDFLT', disks: [] });
      entry.power = foreign.data.power;
      room.system.directory.set(entry.userid, entry);
      return { status: 200, body: { userid: entry.userid } };
    }
    default:
      return undefined;
  }
}

function refusal(error: z.ZodError): { status: number; body: unknown } {
  return { status: 400, body: { error: z.prettifyError(error) } };
}
