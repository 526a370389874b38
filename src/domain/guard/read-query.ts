import type { GuardScope, Route } from './decision.ts';
import { ownUserid } from './userid.ts';

type Kinds = NonNullable<Route['query']>;

/** The query written anew from its checked values, with its `?`; empty without one. */
export function readQuery(
  query: string,
  kinds: Kinds,
  scope: GuardScope,
): { readonly ok: string } | { readonly wrong: string } {
  if (query === '') return { ok: '' };
  // Of percent signs only those of comma and colon, which Feilong's client writes so.
  if (!/^[A-Za-z0-9._=&,:-]*$/.test(query.replaceAll(/%2C|%3A/gi, ','))) return { wrong: 'is not plain' };
  const read = new Map<string, string>();
  for (const part of query.split('&')) {
    const [key = '', text, ...more] = part.split('=');
    const value = text === undefined || more.length > 0 || read.has(key) ? undefined : valueOf(text, kinds, key, scope);
    if (value === undefined) return { wrong: `has ${key === '' ? 'an empty part' : key}, or not with this value` };
    read.set(key, value);
  }
  return { ok: `?${[...read].map(([key, value]) => `${key}=${value}`).join('&')}` };
}

function valueOf(text: string, kinds: Kinds, key: string, scope: GuardScope): string | undefined {
  if (!Object.hasOwn(kinds, key)) return undefined;
  return kinds[key] === 'name' ? nameOf(text) : useridsOf(text, scope);
}

function nameOf(text: string): string | undefined {
  const name = text.replaceAll(/%3A/gi, ':');
  return /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/.test(name) ? name : undefined;
}

function useridsOf(text: string, { prefix }: GuardScope): string | undefined {
  const own = text.split(/,|%2C/i).map((userid) => ownUserid(userid, prefix));
  return own.length <= 100 && own.every((userid) => userid !== undefined) ? own.join(',') : undefined;
}
