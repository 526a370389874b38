import { useridOf } from './call.ts';
import type { Call } from './call.ts';
import { queryAdapters } from './guest-state.ts';
import { duplicateRow, guestFailure, noSuchGuest, ok } from './reply.ts';
import type { Reply } from './reply.ts';
import type { Options } from './power.ts';
import { schemas } from './schemas.ts';
import type { FeilongGuest } from './system.ts';
import { validate } from './validate.ts';

/** Adopts a guest of z/VM's directory. Without a network card Feilong answers 409 from 1.6.3 on, but it did register. */
export function register(call: Call, options: Options): Reply {
  validate(schemas.register, options);
  const userid = useridOf(call);
  const { audit, database, directory } = call.room.system;
  if (!directory.has(userid)) return noSuchGuest(userid);
  const isOld = call.room.release === '1.4.1';
  if (database.has(userid)) return isOld ? guestFailure(500, 1, duplicateRow) : ok('');
  const guest: FeilongGuest = { nics: new Map() };
  database.set(userid, guest);
  audit.record('registered', userid, call.client);
  if (isOld) return ok('');
  for (const vdev of queryAdapters(call, 409).nics) guest.nics.set(vdev, { nicId: null, vswitch: null });
  return ok('');
}

/** Feilong forgets the guest; z/VM keeps it. */
export function deregister(call: Call, options: Options): Reply {
  validate(schemas.deregister, options);
  const userid = useridOf(call);
  const { audit, database } = call.room.system;
  if (database.delete(userid)) audit.record('deregistered', userid, call.client);
  return ok('');
}
