import { createHash, timingSafeEqual } from 'node:crypto';
import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context } from 'hono';
import { auth } from 'hono/utils/basic-auth';
import type { Secret } from '../domain/secret.ts';

/** Wrong passwords within one window (ms): from one address, and from all together. */
const window = 60_000;
const fromOne = 10;
const fromAll = 100;
const maxUser = 64;

/** Bounds guessing. The addresses it remembers are never more than the failures it allows. */
export interface FailedLogins {
  /** Seconds to wait before the next try; undefined: now. */
  mustWait(address: string): number | undefined;
  note(address: string): void;
}

export function createFailedLogins(now: () => number = () => performance.now()): FailedLogins {
  const failures = new Map<string, number>();
  let all = 0;
  let began = now();
  return {
    mustWait: (address) => {
      if (now() - began >= window) {
        failures.clear();
        all = 0;
        began = now();
      }
      const tooMany = all >= fromAll || (failures.get(address) ?? 0) >= fromOne;
      return tooMany ? Math.ceil((began + window - now()) / 1000) : undefined;
    },
    note: (address) => {
      failures.set(address, (failures.get(address) ?? 0) + 1);
      all += 1;
    },
  };
}

export type Login =
  | { readonly user: string }
  /** `wait`: seconds until the next try. */
  | { readonly refused: 'nobody' | 'wrong' | 'too-many'; readonly wait?: number };

/** HTTP Basic: the password is the operators' common one, the user name says who it is. */
export function logIn(c: Context, password: Secret, failedLogins: FailedLogins): Login {
  const given = auth(c.req.raw);
  if (given === undefined || given.username.trim() === '') return { refused: 'nobody' };
  const address = networkOf(getConnInfo(c).remote.address ?? '');
  const wait = failedLogins.mustWait(address);
  if (wait !== undefined) return { refused: 'too-many', wait };
  if (isSame(given.password, password.reveal())) return { user: given.username.trim().slice(0, maxUser) };
  failedLogins.note(address);
  return { refused: 'wrong' };
}

/** Digests have one length: neither content nor length of the password shows in the time it takes. */
function isSame(given: string, expected: string): boolean {
  const [a, b] = [given, expected].map((text) => createHash('sha256').update(text).digest());
  return timingSafeEqual(a!, b!);
}

/** One host has all of an IPv6 /64. */
function networkOf(address: string): string {
  const isV6 = address.includes(':') && !address.includes('.');
  return isV6 ? address.split(':').slice(0, 4).join(':') : address;
}
