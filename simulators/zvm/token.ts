import { createHmac, timingSafeEqual } from 'node:crypto';

const lifetimeSeconds = 3600;

/** A JSON Web Token as Feilong issues it: HS256 with the admin token as key, good for an hour. */
export function issueToken(adminToken: string): string {
  const expires = Math.floor(Date.now() / 1000) + lifetimeSeconds;
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode({ exp: expires })}`;
  return `${content}.${sign(content, adminToken)}`;
}

export function isValidToken(token: string | undefined, adminToken: string): boolean {
  const [head, payload, signature] = token?.split('.') ?? [];
  if (head === undefined || payload === undefined || signature === undefined) return false;
  return sameText(signature, sign(`${head}.${payload}`, adminToken)) && expiry(payload) > Date.now() / 1000;
}

export function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function expiry(payload: string): number {
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString());
  return typeof claims === 'object' && claims !== null && 'exp' in claims && typeof claims.exp === 'number'
    ? claims.exp
    : 0;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function sign(content: string, key: string): string {
  return createHmac('sha256', key).update(content).digest('base64url');
}
