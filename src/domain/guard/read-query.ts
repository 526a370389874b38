import type { GuardScope, Route } from './decision.ts';
import { ownUserid } from './userid.ts';

export type ReadQuery = { readonly ok: Readonly<Record<string, string>> } | { readonly wrong: string };

/** The checked values. */
export function readQuery(query: string, known: NonNullable<Route['query']>, scope: GuardScope): ReadQuery {
  if (query === '') return { ok: {} };
  // Of percent signs only the comma's, which Feilong's client writes so.
  if (!/^[A-Za-z0-9._=&,:-]*$/.test(query.replaceAll(/%2C|%3A/gi, ','))) return { wrong: 'is not plain' };
  const read: Record<string, string> = {};
  for (const part of query.split('&')) {
    const [key = '', text, ...more] = part.split('=');
    const kind = Object.hasOwn(known, key) ? known[key] : undefined;
    if (!kind || text === undefined || more.length > 0 || Object.hasOwn(read, key))
      return { wrong: `has ${key || 'an empty part'}` };
    const value = kind === 'name' ? nameOf(text) : useridsOf(text, scope);
    if (value === undefined) return { wrong: `has a ${key} that is not the worker’s` };
    read[key] = value;
  }
  return { ok: read };
}

/** Written anew, with its `?`; empty without one. */
export function queryText(values: Readonly<Record<string, string>>): string {
  const parts = Object.entries(values).map(([key, value]) => `${key}=${value}`);
  return parts.length === 0 ? '' : `?${parts.join('&')}`;
}

function nameOf(text: string): string | undefined {
  const name = text.replaceAll(/%3A/gi, ':');
  return /^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/.test(name) ? name : undefined;
}

function useridsOf(text: string, { prefix }: GuardScope): string | undefined {
  const own = text.split(/,|%2C/i).map((userid) => ownUserid(userid, prefix));
  return own.length <= 100 && own.every((userid) => userid !== undefined) ? own.join(',') : undefined;
}
