import { z } from 'zod';
import type { CloudAccess, CloudCredential } from '../../domain/cloud-access.ts';
import { SidegateError } from '../../domain/errors.ts';
import { answerError } from './answer-error.ts';
import { authBody } from './auth-body.ts';
import { parseAnswer } from './parse-answer.ts';
import type { HttpAnswer, HttpRequest } from './transport.ts';

export type ServiceType = 'compute' | 'image' | 'network' | 'block-storage' | 'object-store';

/** What Keystone gave for the credentials: a token and where the services are. */
export interface Session {
  readonly token: string;
  readonly projectId: string;
  readonly projectName: string;
  /** Names of the user's roles in the project. */
  readonly roles: readonly string[];
  /** When to ask for the next token, on the local clock. */
  readonly renewAt: number;
  endpoint(type: ServiceType): string;
  /** Whether the catalog has the service at all, in whatever region. */
  offers(type: ServiceType): boolean;
}

/** Sends one request that may be repeated. */
export type Send = (request: HttpRequest, call: string) => Promise<HttpAnswer>;

const endpointSchema = z.object({
  interface: z.string(),
  region_id: z.string().nullish(),
  region: z.string().nullish(),
  url: z.string(),
});
const tokenSchema = z.object({
  token: z.object({
    expires_at: z.string(),
    issued_at: z.string(),
    project: z.object({ id: z.string(), name: z.string() }).optional(),
    roles: z.array(z.object({ name: z.string() })).optional(),
    catalog: z.array(z.object({ type: z.string(), endpoints: z.array(endpointSchema) })).optional(),
  }),
});
type Catalog = NonNullable<z.infer<typeof tokenSchema>['token']['catalog']>;

/** What a service is called in the catalog; Cinder had other names before. */
const catalogTypes: Readonly<Record<ServiceType, readonly string[]>> = {
  compute: ['compute'],
  image: ['image'],
  network: ['network'],
  'block-storage': ['block-storage', 'volumev3', 'block-store'],
  'object-store': ['object-store'],
};

/** A token is replaced this long before its end, so that no request carries one that ends on the way. */
const renewMargin = 120_000;
/** Of a token whose times cannot be read. */
const unknownLifetime = 300_000;

/** Logs in to Keystone v3. */
export async function openSession(access: CloudAccess, send: Send): Promise<Session> {
  const url = `${keystoneUrl(access.authUrl)}/auth/tokens`;
  const call = `${access.name}: POST ${url}`;
  const body = { auth: authBody(access.credential) };
  const answer = await send({ method: 'POST', url, headers: {}, body, repeatable: true }, call);
  if (answer.status !== 201) throw loginError(access.credential, call, answer);
  const token = answer.headers['x-subject-token'];
  if (typeof token !== 'string') throw new SidegateError('cloud-unreachable', `${call}: the answer carries no token`);
  const parsed = parseAnswer(tokenSchema, answer.text, call).token;
  const { catalog, project } = parsed;
  if (!catalog || !project) throw new SidegateError('cloud-auth', `${access.name}: the token is for no project`);
  return {
    token,
    projectId: project.id,
    projectName: project.name,
    roles: (parsed.roles ?? []).map(({ name }) => name),
    renewAt: renewTime(parsed.issued_at, parsed.expires_at),
    endpoint: (type) => findEndpoint(access, catalog, type),
    offers: (type) => servicesOf(catalog, type).length > 0,
  };
}

/** auth_url with the version, which some people leave out. */
function keystoneUrl(authUrl: string): string {
  const url = authUrl.replace(/\/+$/u, '');
  return url.endsWith('/v3') ? url : `${url.replace(/\/v2\.0$/u, '')}/v3`;
}

/** Measured: an unknown application credential is 404, not 401. */
function loginError(credential: CloudCredential, call: string, answer: HttpAnswer): SidegateError {
  const error = answerError(call, answer);
  const unknownCredential =
    answer.status === 404 && credential.kind === 'application-credential' && answer.text.startsWith('{"error"');
  return answer.status === 403 || unknownCredential ? new SidegateError('cloud-auth', error.detail) : error;
}

/** Counts the lifetime from now: the clocks of cloud and sidegate need not agree. */
function renewTime(issuedAt: string, expiresAt: string): number {
  const lifetime = parseTime(expiresAt) - parseTime(issuedAt);
  // One that seems to have ended before it began would be replaced at each call.
  const useful = lifetime > 0 ? lifetime - Math.min(renewMargin, lifetime / 4) : unknownLifetime;
  return Date.now() + useful;
}

/** Measured: the end of an application credential comes without a zone; it is UTC. */
function parseTime(text: string): number {
  return Date.parse(/(Z|[+-]\d\d:?\d\d)$/u.test(text) ? text : `${text}Z`);
}

function findEndpoint(access: CloudAccess, catalog: Catalog, type: ServiceType): string {
  const wanted = `${access.name}: ${type} endpoint (interface ${access.interface}, region ${access.region ?? 'any'})`;
  const offered = servicesOf(catalog, type).flatMap(({ endpoints }) => endpoints);
  const matching = offered.filter(
    (endpoint) =>
      endpoint.interface === access.interface && (access.region === undefined || regionOf(endpoint) === access.region),
  );
  const regions = new Set(matching.map(regionOf));
  if (regions.size > 1)
    throw new SidegateError('cloud-refused', `${wanted}: set region_name, there are ${[...regions].join(', ')}`);
  const url = matching[0]?.url.replace(/\/+$/u, '');
  if (url === undefined) throw new SidegateError('cloud-refused', `${wanted} is not in the catalog`);
  return versionedUrl(type, url);
}

/** Those of the first name there is: an old and a new name may stand side by side for the same service. */
function servicesOf(catalog: Catalog, type: ServiceType): Catalog {
  const name = catalogTypes[type].find((known) => catalog.some((service) => service.type === known));
  return catalog.filter((service) => service.type === name);
}

function regionOf(endpoint: z.infer<typeof endpointSchema>): string {
  return endpoint.region_id ?? endpoint.region ?? '';
}

/** Nova's entry in the catalog mostly carries its version, those of Glance and Neutron sometimes do, Cinder's always. */
function versionedUrl(type: ServiceType, url: string): string {
  if (type === 'image') return `${url.replace(/\/v2(\.\d+)?$/u, '')}/v2`;
  if (type === 'network') return `${url.replace(/\/v2\.0$/u, '')}/v2.0`;
  if (type === 'compute' && !/\/v2(\.\d+)?(\/|$)/u.test(url)) return `${url}/v2.1`;
  return url;
}
