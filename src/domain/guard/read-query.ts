import type { GuardScope, Route } from './decision.ts';
import { ownUserid } from './userid.ts';

type Known = NonNullable<Route['query']>;
type Values = Readonly<Record<string, string>>;

/** The checked values. */
export function readQuery(
  query: string,
  known: Known,
  scope: GuardScope,
): { readonly ok: Values } | { readonly wrong: string } {
  if (query === '') return { ok: {} };
  // Of percent signs only those of comma and colon, which a client may write so.
  if (!/^[A-Za-z0-9._=&,:-]*$/.test(query.replaceAll(/%2C|%3A/gi, ','))) return { wrong: 'is not plain' };
  const read: Record<string, string> = {};
  for (const part of query.split('&')) {
    const [key = '', text, ...more] = part.split('=');
    if (!Object.hasOwn(known, key) || text === undefined || more.length > 0) return { wrong: `has ${part}` };
    if (Object.hasOwn(read, key)) return { wrong: `has ${key} twice` };
    const value = known[key] === 'name' ? nameOf(text) : useridsOf(text, scope);
    if (value === undefined) return { wrong: `has a ${key} that is not the worker’s` };
    read[key] = value;
  }
  return { ok: read };
}

/** Written anew, with its `?`; empty without one. */
export function queryText(values: Values): string {
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
