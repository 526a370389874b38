import { novaError, unauthorized } from './errors.ts';
import { Refusal } from './http.ts';
import type { Answer, Call, Route } from './http.ts';
import type { Faults } from './faults.ts';
import type { Region } from './region.ts';
import { isAdmin, requireToken } from './tokens.ts';
import type { Token, TokenStore } from './tokens.ts';
import type { Identity, SimulatedServer } from './world.ts';

export interface NovaOptions extends Region {
  readonly identity: Identity;
  readonly tokens: TokenStore;
  readonly faults: Faults;
  readonly authUrl: string;
  /** Minor number of the newest microversion. */
  readonly maxMicroversion: number;
}

/** One authorized call; `version` is the minor number of the microversion: 90 for 2.90. */
export interface NovaCall extends Call {
  readonly token: Token;
  readonly version: number;
  /** Address of the API, `…/compute/v2.1`. */
  readonly base: string;
  readonly nova: NovaOptions;
}

export type NovaHandler = (call: NovaCall) => Answer | Promise<Answer>;

export function novaRoute(nova: NovaOptions, method: string, path: string, handler: NovaHandler): Route {
  return {
    method,
    path: `/v2.1${path}`,
    handle: async (call) => {
      const token = requireToken(nova.tokens, call, unauthorized(nova.authUrl));
      const version = readVersion(call, nova.maxMicroversion);
      const headers = versionHeaders(`2.${version}`);
      try {
        const answer = await handler({
          ...call,
          token,
          version,
          nova,
          base: `${call.origin}${nova.prefix}/compute/v2.1`,
        });
        return { ...answer, headers: { ...headers, ...answer.headers } };
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return { ...error.answer, headers: { ...headers, ...error.answer.headers } };
      }
    },
  };
}

export function readVersion(call: Call, newest: number): number {
  const modern = String(call.headers['openstack-api-version'] ?? '');
  const old = String(call.headers['x-openstack-nova-api-version'] ?? '');
  const asked = /^compute\s+(.*)$/iu.exec(modern)?.[1]?.trim() ?? (old || '2.1');
  if (asked === 'latest') return newest;
  const minor = /^(\d+)\.(\d+)$/u.exec(asked);
  if (!minor) {
    throw novaError(400, `API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`);
  }
  const version = Number(minor[2]);
  if (minor[1] === '2' && version >= 1 && version <= newest) return version;
  const { answer } = novaError(
    406,
    `Version ${asked} is not supported by the API. Minimum is 2.1 and maximum is 2.${newest}.`,
  );
  throw new Refusal({ ...answer, headers: { ...versionHeaders(asked), ...answer.headers } });
}

export function versionHeaders(version: string): Record<string, string> {
  return {
    'Openstack-Api-Version': `compute ${version}`,
    'X-Openstack-Nova-Api-Version': version,
    Vary: 'OpenStack-API-Version, X-OpenStack-Nova-API-Version',
  };
}

/** The server the path names; one of another project does not exist. */
export function pathServer(call: NovaCall): SimulatedServer {
  const id = call.params['id'] ?? '';
  const server = call.nova.world.servers.get(id);
  if (server && (isAdmin(call.token) || server.projectId === call.token.project.id)) return server;
  throw novaError(404, `Instance ${id} could not be found.`);
}

/** The object below `key` of the body. */
export function bodyObject(call: NovaCall, key: string): Record<string, unknown> {
  const body = call.json as Record<string, unknown> | null | undefined;
  const value = body && typeof body === 'object' ? body[key] : undefined;
  if (value && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>;
  throw novaError(400, `Invalid input for field/attribute body. '${key}' is a required property`);
}
