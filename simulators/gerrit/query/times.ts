import { Refusal } from '../gerrit.ts';

const units: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
  mon: 2_592_000,
  y: 31_536_000,
};

const unitNames: readonly (readonly [RegExp, string])[] = [
  [/^(s|sec|second|seconds)$/, 's'],
  [/^(m|min|minute|minutes)$/, 'm'],
  [/^(h|hr|hour|hours)$/, 'h'],
  [/^(d|day|days)$/, 'd'],
  [/^(w|week|weeks)$/, 'w'],
  [/^(mon|month|months)$/, 'mon'],
  [/^(y|year|years)$/, 'y'],
];

/** `1h`, `2 days`: seconds. */
export function parseAge(text: string): number {
  const [, count, name = ''] = /^(\d+) ?([a-z]+)$/.exec(text) ?? [];
  const unit = unitNames.find(([pattern]) => pattern.test(name))?.[1] ?? '';
  const seconds = units[unit];
  if (count === undefined || seconds === undefined) throw new Refusal(400, `Invalid age: ${text}`);
  return Number(count) * seconds;
}

/** `2026-11-22` or `2026-11-22 14:06:19[.000] [+0100]`: seconds since 1970; UTC unless it says otherwise. */
export function parseTimestamp(text: string): number {
  const [, day, time = '00:00:00', zone = '+0000'] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d:\d\d)(?:\.\d+)?(?: ?([+-]\d{4}))?)?$/.exec(text) ?? [];
  const at = Date.parse(`${day}T${time}${zone.slice(0, 3)}:${zone.slice(3)}`);
  if (day === undefined || Number.isNaN(at)) throw new Refusal(400, `'${text}' is not a valid timestamp`);
  return Math.floor(at / 1000);
}

/** As REST writes times; Gerrit keeps whole seconds. */
export function restTime(seconds: number): string {
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')}.000000000`;
}
