import { runAction } from './actions.ts';
import type { Handler } from './call.ts';
import { createGuest } from './create-guest.ts';
import { configureDisks, createDisks, deleteDisks } from './disks.ts';
import { guestInfo, powerState, realPowerState, showAdapters, showGuest, showUserDirect } from './guest-state.ts';
import { deleteGuest, listGuests } from './guests.ts';
import {
  createToken,
  listHostGuests,
  oldSmapiHealth,
  showDiskPool,
  showHost,
  showVersion,
  smapiHealth,
} from './host.ts';
import { createImage, deleteImage, exportImage, listImages, rootDiskSize } from './images.ts';
import { coupleNic, createInterface, createNic, deleteInterface, deleteNic, listNics } from './nics.ts';
import { factsOf } from './release.ts';
import type { Release } from './release.ts';
import { methodNotAllowed, noSuchPath } from './reply.ts';
import type { Reply } from './reply.ts';
import { createVswitch, listVswitches, updateVswitch } from './vswitches.ts';

type Methods = Readonly<Record<string, Handler>>;

const routes: readonly (readonly [string, Methods])[] = [
  ['/', { GET: showVersion }],
  ['/smapi-healthy', { GET: oldSmapiHealth }],
  ['/smapi_health', { GET: smapiHealth }],
  ['/token', { POST: createToken }],
  ['/guests', { POST: createGuest, GET: listGuests }],
  ['/guests/nics', { GET: listNics }],
  ['/guests/{userid}', { DELETE: deleteGuest, GET: showGuest }],
  ['/guests/{userid}/action', { POST: runAction }],
  ['/guests/{userid}/info', { GET: guestInfo }],
  ['/guests/{userid}/power_state', { GET: powerState }],
  ['/guests/{userid}/power_state_real', { GET: realPowerState }],
  ['/guests/{userid}/user_direct', { GET: showUserDirect }],
  ['/guests/{userid}/adapters', { GET: showAdapters }],
  ['/guests/{userid}/interface', { POST: createInterface, DELETE: deleteInterface }],
  ['/guests/{userid}/nic', { POST: createNic }],
  ['/guests/{userid}/nic/{vdev}', { DELETE: deleteNic, PUT: coupleNic }],
  ['/guests/{userid}/disks', { POST: createDisks, DELETE: deleteDisks, PUT: configureDisks }],
  ['/host', { GET: showHost }],
  ['/host/guests', { GET: listHostGuests }],
  ['/host/diskpool', { GET: showDiskPool }],
  ['/images', { POST: createImage, GET: listImages }],
  ['/images/{name}', { DELETE: deleteImage, PUT: exportImage }],
  ['/images/{name}/root_disk_size', { GET: rootDiskSize }],
  ['/vswitches', { GET: listVswitches, POST: createVswitch }],
  ['/vswitches/{name}', { PUT: updateVswitch }],
];

const patterns = routes.map(([path, methods]) => ({
  path,
  methods,
  pattern: new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}));

const hostPaths = [
  '/host/guests',
  '/guests/{userid}/power_state_real',
  '/guests/{userid}/user_direct',
  '/guests/{userid}/adapters',
];

export type Match =
  | { readonly handler: Handler; readonly parameters: Readonly<Record<string, string>> }
  | { readonly refusal: Reply };

export interface Wanted {
  readonly method: string;
  readonly path: string;
  readonly accept: string | undefined;
}

export function matchRoute(release: Release, { accept, method, path }: Wanted): Match {
  for (const { methods, path: route, pattern } of patterns) {
    const found = pattern.exec(path);
    if (found === null || !isKnown(release, route)) continue;
    const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
    if (handler === undefined) return { refusal: methodNotAllowed(method, Object.keys(methods), accept) };
    return { handler, parameters: decoded(found.groups ?? {}) };
  }
  return { refusal: noSuchPath(accept) };
}

function isKnown(release: Release, path: string): boolean {
  const { healthPaths, looksAtHost } = factsOf(release);
  if (path.startsWith('/smapi')) return healthPaths.includes(path);
  return looksAtHost || !hostPaths.includes(path);
}

/** As uwsgi hands the path on: escapes resolved, once. */
function decoded(groups: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(groups).map(([name, value]) => [name, decodeLeniently(value)]));
}

function decodeLeniently(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
