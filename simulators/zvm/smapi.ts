import type { Room } from './call.ts';
import { Refusal, failure } from './reply.ts';
import type { Reply } from './reply.ts';
import { factsOf } from './release.ts';
import type { Release } from './release.ts';
import type { DirectoryEntry } from './system.ts';

/** An error of z/VM's systems management interface (SMAPI), as Feilong passes it on. */
export interface SmapiError {
  readonly rc: number;
  readonly rs: number;
  readonly text: string;
}

/** A function of SMAPI, called for a userid. */
export interface SmapiCall {
  readonly userid: string;
  readonly api: string;
  /** What Feilong asks the layer below for. */
  readonly request: string;
  /** Of `smcli`, behind the userid. */
  readonly parameters?: string;
  /** How Feilong's text begins. */
  readonly intro?: string;
  /** Feilong wraps some errors twice: "SMT error: SMT request failed", others once. */
  readonly once?: true;
  /** HTTP status when z/VM does not have the userid: only some of Feilong's handlers make it a 404. */
  readonly missing?: 404 | 500;
}

const notFound: SmapiError = { rc: 400, rs: 4, text: 'Image or profile definition not found' };
export const locked: SmapiError = { rc: 400, rs: 12, text: 'Image or profile definition is locked' };
export const alreadyDefined: SmapiError = { rc: 400, rs: 8, text: 'Image or profile name already defined' };
/** What the pool says when it is full was not recorded from DirMaint, only from the stand-in. */
export const poolFull: SmapiError = { rc: 596, rs: 6213, text: 'DIRMAINT: no space left in the group' };
export const dirmaintError: SmapiError = { rc: 596, rs: 6213, text: 'DIRMAINT internal error (injected)' };

/** Asks z/VM for something that concerns an entry of its directory; refused as it is refused, or as a fault wants it. */
export function askSmapi(room: Room, call: SmapiCall): DirectoryEntry {
  refuseAsTold(room, call);
  const entry = room.system.directory.get(call.userid);
  if (entry === undefined) throw new Refusal(smapiFailure(room.release, call.missing ?? 404, notFound, call));
  if (changesDirectory(call.api) && isLocked(room, call.userid))
    throw new Refusal(smapiFailure(room.release, 500, locked, call));
  return entry;
}

/** The fault `smapi-error`. */
export function refuseAsTold(room: Room, call: SmapiCall): void {
  const fault = room.faults.take('smapi-error', { userid: call.userid, api: call.api });
  if (fault) throw new Refusal(smapiFailure(room.release, 500, fault, call));
}

/** Locked until somebody unlocks it, or by a fault for some tries. */
export function isLocked(room: Room, userid: string): boolean {
  return room.system.locks.has(userid) || room.faults.take('locked', { userid }) !== undefined;
}

export function smapiFailure(release: Release, status: number, error: SmapiError, call: SmapiCall): Reply {
  const { rc, rs, text } = error;
  const parameters = call.parameters === undefined ? '' : ` ${call.parameters}`;
  const command = `cmd: sudo /opt/zthin/bin/smcli ${call.api} --addRCheader -T ${call.userid}${parameters}, out: ${text}`;
  const response = `(Error) ULTVMU0300E SMAPI API failed: ${call.api}, overall rc: 8, rc: ${rc}, rs: ${rs}, errno: 0, ${command}`;
  return failure(
    status,
    { overallRC: 8, modID: 1, rc, rs },
    layerText(release, { overallRC: 8, ...error }, response, call),
  );
}

/** Linux in the guest does not hear: it is off, or its network to Feilong (IUCV) is gone. */
export function unreachableLinux(release: Release, userid: string, request: string): Reply {
  const error = { overallRC: 2, rc: 4, rs: 1, text: '' };
  const response = `(Error) ULTVMU0315E IUCV socket error sending command to ${userid}. cmd: shutdown -r now, rc: 4, rs: 1, out: Return code 4, Reason code 1.`;
  const errmsg = layerText(release, error, response, { request });
  return failure(500, { overallRC: 2, modID: 1, rc: 4, rs: 1 }, errmsg);
}

/** A program of Feilong's own Linux failed: as measured where udevadm was missing. */
export function helperFailure(release: Release, call: SmapiCall): Reply {
  const error = { overallRC: 3, rc: 415, rs: 127, text: '' };
  const output = "b'/bin/sh: 1: udevadm: not found\\\\n/bin/sh: 1: udevsettle: not found\\\\n'";
  const response = `(Error) ULTVMU0415E Command failed: 'which udevadm &> /dev/null && udevadm settle || udevsettle', rc: 127 out: ${output}`;
  const errmsg = layerText(release, error, response, call);
  return failure(500, { overallRC: 3, modID: 1, rc: 415, rs: 127 }, errmsg);
}

function layerText(
  release: Release,
  error: SmapiError & { readonly overallRC: number },
  response: string,
  call: Pick<SmapiCall, 'request' | 'intro' | 'once'>,
): string {
  const { layer } = factsOf(release);
  const { overallRC, rc, rs, text } = error;
  // Python quotes a text with apostrophes so.
  const listed = response.includes("'") ? `"${response}"` : `'${response}'`;
  const results = `{'overallRC': ${overallRC}, 'rc': ${rc}, 'rs': ${rs}, 'errno': 0, 'strError': '${text}', 'response': [${listed}]}`;
  const begin = `${call.intro ?? ''}${call.once ? '' : `${layer} error: `}${layer} request failed.`;
  const end = release === '1.4.1' ? '' : `.${adviceFor(error)}`;
  return `${begin} RequestData: '${call.request}', Results: '${results}'${end}`;
}

function adviceFor({ rc, rs }: SmapiError): string {
  if (rc !== 596) return '';
  return `DIRMAINT command failed, with error code ${rs}.Check <https://www-40.ibm.com/servers/resourcelink/svc0302a.nsf/pages/zVMV7R2gc246282?OpenDocument> on z/VM DIRMAINT error messages`;
}

function changesDirectory(api: string): boolean {
  return api.endsWith('_DM') && !api.includes('Query');
}
