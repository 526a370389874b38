import { neutronError, unauthorized } from './errors.ts';
import { asText } from './http.ts';
import type { Answer, Call, Route } from './http.ts';
import type { Region } from './region.ts';
import { requireToken } from './tokens.ts';
import type { Token, TokenStore } from './tokens.ts';
import type { World } from './world.ts';

export interface NeutronOptions extends Region {
  readonly tokens: TokenStore;
  readonly authUrl: string;
}

export interface NeutronCall extends Call {
  readonly token: Token;
  readonly world: World;
  readonly neutron: NeutronOptions;
}

export type NeutronHandler = (call: NeutronCall) => Answer | Promise<Answer>;

export function neutronRoute(neutron: NeutronOptions, method: string, path: string, handler: NeutronHandler): Route {
  return {
    method,
    path: `/v2.0${path}`,
    handle: (call) => {
      const token = requireToken(neutron.tokens, call, unauthorized(neutron.authUrl));
      return handler({ ...call, token, world: neutron.world, neutron });
    },
  };
}

const notFilters = new Set(['fields', 'limit', 'marker', 'sort_key', 'sort_dir', 'page_reverse']);

/** Query parameters that name a field filter by it; a repeated one means either. */
export function filtered(
  views: readonly Record<string, unknown>[],
  query: URLSearchParams,
): readonly Record<string, unknown>[] {
  const keys = [...new Set(query.keys())].filter((key) => !notFilters.has(key));
  const matching = views.filter((view) => keys.every((key) => matches(view, key, query.getAll(key))));
  return cutPage(matching, query);
}

function matches(view: Record<string, unknown>, key: string, wanted: readonly string[]): boolean {
  if (key === 'fixed_ips') return wanted.every((text) => hasAddress(view, text));
  const value = view[key];
  if (Array.isArray(value)) return wanted.some((text) => value.map(asText).includes(text));
  const text = typeof value === 'boolean' ? String(value) : asText(value ?? '');
  return wanted.some((entry) => (typeof value === 'boolean' ? entry.toLowerCase() === text : entry === text));
}

/** `ip_address=A` or `subnet_id=S`. */
function hasAddress(view: Record<string, unknown>, text: string): boolean {
  const [key = '', value] = text.split('=');
  const addresses = (view['fixed_ips'] ?? []) as Record<string, unknown>[];
  return addresses.some((address) => address[key] === value);
}

function cutPage(
  views: readonly Record<string, unknown>[],
  query: URLSearchParams,
): readonly Record<string, unknown>[] {
  const marker = query.get('marker');
  const start = marker === null ? 0 : views.findIndex(({ id }) => id === marker) + 1;
  if (marker !== null && start === 0) throw neutronError(400, 'BadRequest', `Invalid marker: ${marker} not found`);
  const limit = Number(query.get('limit') ?? Infinity);
  return views.slice(start, start + limit);
}

/** The link to the next page of a list that was asked for in pages. */
export function nextPage(call: NeutronCall, name: string, page: readonly Record<string, unknown>[]): object {
  const limit = Number(call.query.get('limit') ?? Infinity);
  const last = page.at(-1);
  if (!last || page.length < limit) return {};
  const query = new URLSearchParams(call.query);
  query.set('marker', asText(last['id']));
  const href = `${call.origin}${call.neutron.prefix}/network${call.path}?${query.toString()}`;
  return { [`${name}_links`]: [{ rel: 'next', href }] };
}

/** The object below `key` of the body. */
export function bodyOf(json: unknown, key: string): Record<string, unknown> {
  const value = (json as Record<string, unknown> | null | undefined)?.[key];
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw neutronError(400, 'HTTPBadRequest', `Unable to find '${key}' in request body`);
}

/** A text of the body, at most 255 characters. */
export function shortText(asked: Record<string, unknown>, key: string): string {
  const value = asked[key] ?? '';
  if (typeof value === 'string' && value.length <= 255) return value;
  const why = typeof value === 'string' ? 'exceeds maximum length of 255' : 'is not a valid string';
  throw neutronError(400, 'HTTPBadRequest', `Invalid input for ${key}. Reason: '${asText(value)}' ${why}.`);
}
