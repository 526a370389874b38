import { randomBytes } from 'node:crypto';
import { Refusal } from './http.ts';
import type { Answer, Call } from './http.ts';
import type { ApplicationCredential, Project, Role, User } from './world.ts';

export interface Token {
  readonly value: string;
  readonly auditId: string;
  readonly method: 'password' | 'application_credential';
  readonly user: User;
  readonly project: Project;
  readonly roles: readonly Role[];
  readonly credential: ApplicationCredential | undefined;
  readonly issuedAt: number;
  readonly expiresAt: number;
}

export interface TokenStore {
  issue(token: Omit<Token, 'value' | 'auditId' | 'issuedAt' | 'expiresAt'>): Token;
  /** Undefined for unknown, revoked and expired tokens. */
  find(value: string | undefined): Token | undefined;
  revoke(value: string): void;
  revokeAll(): void;
  /** Milliseconds for tokens issued from now on; undefined: as at the start. */
  setLifetime(lifetime: number | undefined): void;
  /** The tokens of an application credential. */
  revokeOf(credentialId: string): void;
}

/** The token of an application credential ends with it. */
export function createTokenStore(usual: number): TokenStore {
  let lifetime = usual;
  const tokens = new Map<string, Token>();

  function find(value: string | undefined): Token | undefined {
    const token = value === undefined ? undefined : tokens.get(value);
    if (token && token.expiresAt > Date.now()) return token;
    if (token) tokens.delete(token.value);
    return undefined;
  }

  return {
    issue(token) {
      const issuedAt = Date.now();
      const end = Math.min(issuedAt + lifetime, token.credential?.expiresAt ?? Infinity);
      const value = `gAAAAA${randomBytes(90).toString('base64url')}`;
      const issued: Token = {
        ...token,
        value,
        auditId: randomBytes(16).toString('base64url'),
        issuedAt,
        expiresAt: end,
      };
      tokens.set(value, issued);
      return issued;
    },
    find,
    revoke: (value) => tokens.delete(value),
    revokeAll: () => tokens.clear(),
    setLifetime: (wanted) => {
      lifetime = wanted ?? usual;
    },
    revokeOf(credentialId) {
      for (const [value, { credential }] of tokens) if (credential?.id === credentialId) tokens.delete(value);
    },
  };
}

/** The token of a call, or the refusal of the service. */
export function requireToken(tokens: TokenStore, call: Call, refusal: Answer): Token {
  const value = call.headers['x-auth-token'];
  const token = tokens.find(Array.isArray(value) ? value[0] : value);
  if (!token) throw new Refusal(refusal);
  return token;
}

export function isAdmin({ roles }: Token): boolean {
  return roles.some(({ name }) => name === 'admin');
}
