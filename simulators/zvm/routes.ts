import { runAction } from './actions.ts';
import type { Handler } from './call.ts';
import { createGuest, deleteGuest, guestInfo, listGuests, powerState, realPowerState, showGuest } from './guests.ts';
import {
  createInterface,
  createNic,
  createToken,
  listHostGuests,
  listVswitches,
  showDiskPool,
  showHost,
  showVersion,
  smapiHealth,
} from './host.ts';
import { createImage, deleteImage, listImages, rootDiskSize } from './images.ts';
import { methodNotAllowed, noSuchPath } from './reply.ts';
import type { Reply } from './reply.ts';

type Methods = Readonly<Record<string, Handler>>;

const routes: readonly (readonly [string, Methods])[] = [
  ['/', { GET: showVersion }],
  ['/smapi_health', { GET: smapiHealth }],
  ['/token', { POST: createToken }],
  ['/guests', { POST: createGuest, GET: listGuests }],
  ['/guests/{userid}', { DELETE: deleteGuest, GET: showGuest }],
  ['/guests/{userid}/action', { POST: runAction }],
  ['/guests/{userid}/info', { GET: guestInfo }],
  ['/guests/{userid}/power_state', { GET: powerState }],
  ['/guests/{userid}/power_state_real', { GET: realPowerState }],
  ['/guests/{userid}/interface', { POST: createInterface }],
  ['/guests/{userid}/nic', { POST: createNic }],
  ['/host', { GET: showHost }],
  ['/host/guests', { GET: listHostGuests }],
  ['/host/diskpool', { GET: showDiskPool }],
  ['/images', { POST: createImage, GET: listImages }],
  ['/images/{name}', { DELETE: deleteImage }],
  ['/images/{name}/root_disk_size', { GET: rootDiskSize }],
  ['/vswitches', { GET: listVswitches }],
];

const patterns = routes.map(([path, methods]) => ({
  methods,
  pattern: new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

export type Match =
  | { readonly handler: Handler; readonly parameters: Readonly<Record<string, string>> }
  | { readonly refusal: Reply };

export function matchRoute(method: string, path: string): Match {
  for (const { methods, pattern } of patterns) {
    const found = pattern.exec(path);
    if (found === null) continue;
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (handler === undefined) return { refusal: methodNotAllowed(method, Object.keys(methods)) };
    return { handler, parameters: { ...found.groups } };
  }
  return { refusal: noSuchPath() };
}
