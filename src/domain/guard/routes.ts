import type { Route } from './decision.ts';
import { guestRoutes } from './guest-routes.ts';
import { imageRoutes } from './image-routes.ts';
import { switchRoutes } from './switch-routes.ts';

/** What shows something of the system, and changes nothing. */
const hostRoutes: readonly Route[] = [
  { method: 'GET', path: '/' },
  { method: 'GET', path: '/smapi_health' },
  { method: 'GET', path: '/smapi-healthy' },
  { method: 'GET', path: '/host' },
  { method: 'GET', path: '/host/guests', effects: () => ({ filter: 'userids' }) },
  { method: 'GET', path: '/host/diskpool', query: { poolname: 'name', details: 'name' } },
];

/**
 * All that a worker may ask of Feilong: what nova's z/VM driver and networking-zvm ask, and harmless questions. Whatever is not here is
 * refused, a route of a future Feilong too.
 */
export const routes: readonly Route[] = [...hostRoutes, ...guestRoutes, ...imageRoutes, ...switchRoutes];
