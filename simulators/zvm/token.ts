import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';

/** Tokens as Feilong issues them: JSON Web Tokens, HS256 with the admin token as key, good for an hour there. */
export interface Tokens {
  isAdmin(adminToken: string): boolean;
  issue(): string;
  isValid(token: string | undefined): boolean;
  /** All issued so far are good for nothing from now on, as when the admin token was changed and changed back. */
  revokeAll(): void;
}

export function createTokens(adminToken: string, lifetime: number): Tokens {
  let issued = new Set<string>();
  return {
    isAdmin: (given) => sameText(given, adminToken),
    issue() {
      const claims = { exp: (Date.now() + lifetime) / 1000, jti: randomUUID() };
      const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
      const token = `${content}.${sign(content, adminToken)}`;
      issued.add(token);
      return token;
    },
    isValid: (token) => token !== undefined && issued.has(token) && expiry(token.split('.')[1]!) > Date.now() / 1000,
    revokeAll() {
      issued = new Set();
    },
  };
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

function expiry(payload: string): number {
  return (JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number }).exp;
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

function sign(content: string, key: string): string {
  return createHmac('sha256', key).update(content).digest('base64url');
}
