import { cinderError } from './errors.ts';
import type { Call } from './http.ts';
import type { Region } from './region.ts';
import type { Token, TokenStore } from './tokens.ts';

export interface CinderOptions extends Region {
  readonly tokens: TokenStore;
  readonly authUrl: string;
}

export interface CinderCall extends Call {
  readonly token: Token;
  readonly cinder: CinderOptions;
}

/** The object below `key` of the body. */
export function bodyOf(call: CinderCall, key: string): Record<string, unknown> {
  const value = (call.json as Record<string, unknown> | null | undefined)?.[key];
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw cinderError(400, `Invalid input for field/attribute body. '${key}' is a required property`);
}
