import { isIP, isIPv4 } from 'node:net';
import { z } from 'zod';

export interface Range {
  readonly first: number;
  readonly last: number;
}

export function ipAddress(description: string) {
  return z
    .string()
    .refine((text) => isIP(text) !== 0, { error: 'must be an IP address' })
    .describe(description);
}

/** `100-119`, or one number. */
export function numberRange(description: string, min: number, max: number) {
  return z
    .union([z.int(), z.string()])
    .transform((value, context): Range => {
      const [, from = '', to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(String(value)) ?? [];
      const range = { first: Number(from), last: Number(to) };
      if (from !== '' && range.first >= min && range.first <= range.last && range.last <= max) return range;
      context.addIssue({ code: 'custom', message: `must be FIRST-LAST between ${min} and ${max}` });
      return z.NEVER;
    })
    .describe(description);
}

/** `192.0.2.10-192.0.2.29`. */
export function addressRange(description: string) {
  return z
    .string()
    .refine(
      (text) => {
        const range = parseAddressRange(text);
        return range !== undefined && range.first <= range.last;
      },
      { error: 'must be FIRST-LAST, such as 192.0.2.10-192.0.2.29' },
    )
    .describe(description);
}

/** IPv4 addresses as numbers; undefined: not written so. */
export function parseAddressRange(text: string): Range | undefined {
  const [from = '', to = '', ...more] = text.split('-');
  if (more.length > 0 || !isIPv4(from) || !isIPv4(to)) return undefined;
  return { first: addressNumber(from), last: addressNumber(to) };
}

function addressNumber(address: string): number {
  return address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
}

/** Neutron counts up from it: the last two octets are its own. */
export function macAddress(description: string) {
  return z
    .string()
    .regex(/^([0-9a-f]{2}:){4}00:00$/i, {
      error: 'must be a MAC address that ends in 00:00, such as 02:00:00:A1:00:00',
    })
    .describe(description);
}

/** Milliseconds since 1970. A zone must be named: operators and z/VM sit in different ones. */
export function instant(description: string) {
  return z
    .string()
    .transform((text, context) => {
      const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
      if (!Number.isNaN(time)) return time;
      context.addIssue({ code: 'custom', message: 'must be a time with its zone, such as 2026-12-06T02:00Z' });
      return z.NEVER;
    })
    .describe(description);
}

/** Milliseconds since midnight. */
export function clockTime(description: string) {
  return z
    .string({ error: 'must be in quotes, such as "02:00"' })
    .transform((text, context) => {
      const [, hours = '', minutes = ''] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
      if (hours !== '') return (Number(hours) * 60 + Number(minutes)) * 60_000;
      context.addIssue({ code: 'custom', message: 'must be HH:MM, such as "02:00"' });
      return z.NEVER;
    })
    .describe(description);
}
