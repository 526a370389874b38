import { useridOf } from './call.ts';
import type { Call } from './call.ts';
import { noSuchGuest, ok } from './reply.ts';
import type { Reply } from './reply.ts';
import { dirmaintError, isLocked, locked, refuseAsTold, smapiFailure } from './smapi.ts';
import type { SmapiCall, SmapiError } from './smapi.ts';

/** Only what Feilong's own database holds, whatever else z/VM has. */
export function listGuests(call: Call): Reply {
  return ok([...call.room.system.database.keys()]);
}

/** Deleting what neither Feilong nor z/VM knows succeeds; what only z/VM knows is none of Feilong's business. */
export function deleteGuest(call: Call): Reply {
  const userid = useridOf(call);
  const { database, directory, audit } = call.room.system;
  if (!database.has(userid)) return directory.has(userid) ? noSuchGuest(userid) : ok('');

  // Of a guest that z/VM has no more Feilong removes its own row.
  const error = directory.has(userid) ? deleteError(call, userid) : undefined;
  if (error) {
    audit.record('delete-failed', userid, call.client);
    return smapiFailure(call.room.release, 500, error, deletion(userid));
  }
  directory.delete(userid);
  database.delete(userid);
  audit.record('deleted', userid, call.client);
  return ok('');
}

function deleteError({ room }: Call, userid: string): SmapiError | undefined {
  refuseAsTold(room, deletion(userid));
  if (isLocked(room, userid)) return locked;
  return room.faults.take('delete-fails', { userid }) && dirmaintError;
}

function deletion(userid: string): SmapiCall {
  return { userid, api: 'Image_Delete_DM', request: `deletevm ${userid} directory`, parameters: '-e 0' };
}
