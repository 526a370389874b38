import { oneOf, text } from './shapes.ts';
import type { Shape } from './shapes.ts';
import { ownUserid } from './userid.ts';

export const userid: Shape<string> = (value, { prefix }) => {
  const own = ownUserid(value, prefix);
  return own === undefined ? { wrong: `${shown(value)} is no userid that begins with ${prefix}` } : { ok: own };
};

/** Feilong fetches files from there by scp, as root of its machine: it must be the worker, and nothing a shell could read. */
export const workerHost: Shape<string> = (value, { worker }) => {
  const [, user, host] =
    (typeof value === 'string' && /^([A-Za-z_][A-Za-z0-9_-]{0,31})@([0-9A-Fa-f.:]+)$/.exec(value)) || [];
  if (user === undefined || host !== worker) return { wrong: `${shown(value)} is not the worker` };
  return { ok: `${user}@${host}` };
};

/** Of an image: Glance ids, mostly. Feilong makes file names of it. */
export const imageName = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/);
/** A file on the worker. Feilong puts it into a shell command. */
export const filePath: Shape<string> = (value) => {
  const isPlain = typeof value === 'string' && /^(\/[A-Za-z0-9._-]+){1,32}$/.test(value) && value.length <= 1024;
  return isPlain && !value.split('/').includes('..') ? { ok: value } : { wrong: 'is no plain absolute path' };
};
export const fileUrl: Shape<string> = (value, scope) => {
  if (typeof value !== 'string' || !value.startsWith('file://')) return { wrong: 'is no file://' };
  const path = filePath(value.slice('file://'.length), scope);
  return 'wrong' in path ? path : { ok: `file://${path.ok}` };
};
export const osVersion = text(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/);
export const vdev = text(/^[0-9a-fA-F]{1,4}$/);
export const macAddress = text(/^([0-9a-fA-F]{2})(:[0-9a-fA-F]{2}){5}$/);
export const ipAddress = text(/^[0-9a-fA-F.:]{2,45}$/);
export const cidr = text(/^[0-9a-fA-F.:]{2,45}\/\d{1,3}$/);
export const nicId = text(/^[A-Za-z0-9-]{1,64}$/);
export const hostname = text(/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}$/);
export const vswitchName: Shape<string> = (value, { vswitches }) => {
  if (typeof value !== 'string' || !/^[A-Za-z0-9]{1,8}$/.test(value)) return { wrong: 'is not of its form' };
  const isOpen = vswitches === undefined || vswitches.includes(value.toUpperCase());
  return isOpen ? { ok: value } : { wrong: `${value} is none of ${vswitches.join(', ')}` };
};
export const diskSize = text(/^\d{1,6}[gGmM]?$/);
export const diskFormat = oneOf('ext2', 'ext3', 'ext4', 'xfs', 'swap', 'none');
export const flag = oneOf<boolean | string>(true, false, 'True', 'true', 'False', 'false');

function shown(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 80) ?? 'nothing';
}
