import { z } from 'zod';
import { keystoneError, unauthorized } from './errors.ts';
import type { Answer, Call, Route, Service } from './http.ts';
import { Refusal } from './http.ts';
import { requireToken } from './tokens.ts';
import type { Token, TokenStore } from './tokens.ts';
import type { ApplicationCredential, User, World } from './world.ts';

const domainSchema = z.object({ id: z.string().optional(), name: z.string().optional() });
const userSchema = z.object({
  id: z.string().optional(),
  name: z.string().optional(),
  domain: domainSchema.optional(),
  password: z.string().optional(),
});
const identitySchema = z.object({
  methods: z.array(z.string()),
  password: z.object({ user: userSchema }).optional(),
  application_credential: z
    .object({ id: z.string().optional(), name: z.string().optional(), user: userSchema.optional(), secret: z.string() })
    .optional(),
});
const authSchema = z.object({
  auth: z.object({
    identity: identitySchema,
    scope: z
      .object({
        project: z.object({ id: z.string().optional(), name: z.string().optional(), domain: domainSchema.optional() }),
      })
      .optional(),
  }),
});
type AuthRequest = z.infer<typeof authSchema>['auth'];

export interface KeystoneOptions {
  readonly world: World;
  readonly tokens: TokenStore;
  /** Address of this service as the catalogue says it, `…/identity/v3`. */
  readonly authUrl: string;
  readonly catalog: readonly object[];
}

export function keystoneService(options: KeystoneOptions): Service {
  const version = versionDocument(options.authUrl);
  const routes: Route[] = [
    {
      method: 'GET',
      path: '/',
      handle: () => ({
        status: 300,
        headers: { Location: `${options.authUrl}/` },
        body: { versions: { values: [version] } },
      }),
    },
    { method: 'GET', path: '/v3', handle: () => ({ status: 200, body: { version } }) },
    { method: 'POST', path: '/v3/auth/tokens', handle: (call) => issueToken(options, call) },
    { method: 'GET', path: '/v3/auth/tokens', handle: (call) => validateToken(options, call) },
    { method: 'DELETE', path: '/v3/auth/tokens', handle: (call) => revokeToken(options, call) },
    { method: 'GET', path: '/v3/auth/catalog', handle: (call) => showCatalog(options, call) },
  ];
  return {
    name: 'identity',
    prefix: '/identity',
    routes,
    notFound: () => keystoneError(404, 'The resource could not be found.').answer,
    badJson: () => keystoneError(400, 'Malformed request body: it is not JSON.').answer,
  };
}

function versionDocument(authUrl: string): object {
  return {
    id: 'v3.14',
    status: 'stable',
    updated: '2020-04-07T00:00:00Z',
    links: [{ rel: 'self', href: `${authUrl}/` }],
    'media-types': [{ base: 'application/json', type: 'application/vnd.openstack.identity-v3+json' }],
  };
}

function issueToken(options: KeystoneOptions, call: Call): Answer {
  const { auth } = parseAuth(call.json);
  const token = auth.identity.methods.includes('application_credential')
    ? credentialToken(options, auth)
    : passwordToken(options, auth);
  const withCatalog = !call.query.has('nocatalog');
  return {
    status: 201,
    headers: { 'X-Subject-Token': token.value },
    body: { token: tokenBody(token, withCatalog ? options.catalog : undefined) },
  };
}

function parseAuth(json: unknown): z.infer<typeof authSchema> {
  const parsed = authSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  const path = parsed.error.issues[0]?.path.map(String) ?? [];
  throw keystoneError(
    400,
    `'${path.at(-1) ?? 'auth'}' is a required property\n\nFailed validating 'required' in schema`,
  );
}

function passwordToken(options: KeystoneOptions, auth: AuthRequest): Token {
  const asked = auth.identity.password?.user;
  const user = asked && findUser(options.world, asked);
  if (!user || user.password !== asked.password) throw new Refusal(unauthorized(options.authUrl));
  const wanted = auth.scope?.project;
  const project = options.world.projects.find(({ id, name }) =>
    wanted ? id === wanted.id || (name === wanted.name && isDefaultDomain(wanted.domain)) : id === user.projectId,
  );
  if (!project || project.id !== user.projectId) throw new Refusal(unauthorized(options.authUrl));
  return options.tokens.issue({ method: 'password', user, project, roles: user.roles, credential: undefined });
}

function credentialToken(options: KeystoneOptions, auth: AuthRequest): Token {
  const asked = auth.identity.application_credential;
  if (!asked) throw keystoneError(400, "'application_credential' is a required property");
  const credential = findCredential(options, asked);
  const user = options.world.users.find(({ id }) => id === credential.userId);
  const expired = credential.expiresAt !== undefined && credential.expiresAt <= Date.now();
  const project = options.world.projects.find(({ id }) => id === user?.projectId);
  // A credential has its project; naming another scope is refused.
  if (!user || !project || expired || credential.secret !== asked.secret || auth.scope) {
    throw new Refusal(unauthorized(options.authUrl));
  }
  return options.tokens.issue({ method: 'application_credential', user, project, roles: credential.roles, credential });
}

function findCredential(
  { world, authUrl }: KeystoneOptions,
  asked: NonNullable<AuthRequest['identity']['application_credential']>,
): ApplicationCredential {
  const user = asked.user && findUser(world, asked.user);
  if (asked.id === undefined && !user) throw new Refusal(unauthorized(authUrl));
  const found = world.applicationCredentials.find(({ id, name, userId }) =>
    asked.id === undefined ? name === asked.name && userId === user?.id : id === asked.id,
  );
  // Measured: 404 here, not 401.
  if (!found) throw keystoneError(404, `Could not find Application Credential: ${asked.id ?? asked.name ?? ''}.`);
  return found;
}

function findUser(world: World, asked: z.infer<typeof userSchema>): User | undefined {
  return world.users.find(({ id, name }) =>
    asked.id === undefined ? name === asked.name && isDefaultDomain(asked.domain) : id === asked.id,
  );
}

function isDefaultDomain(domain: z.infer<typeof domainSchema> | undefined): boolean {
  return domain?.id === 'default' || domain?.name === 'Default';
}

function tokenBody(token: Token, catalog: readonly object[] | undefined): object {
  const domain = { id: 'default', name: 'Default' };
  const { credential } = token;
  return {
    methods: [token.method],
    user: { domain, id: token.user.id, name: token.user.name, password_expires_at: null },
    audit_ids: [token.auditId],
    expires_at: expiryText(token),
    issued_at: microseconds(token.issuedAt),
    project: { domain, id: token.project.id, name: token.project.name },
    is_domain: false,
    roles: token.roles.map(({ id, name }) => ({ id, name })),
    ...(catalog ? { catalog } : {}),
    ...(credential ? { application_credential: { id: credential.id, name: credential.name, restricted: true } } : {}),
  };
}

/** Measured: an end that comes from the application credential is written without fraction and without zone. */
function expiryText({ expiresAt, credential }: Token): string {
  if (credential?.expiresAt !== expiresAt) return microseconds(expiresAt);
  return new Date(expiresAt).toISOString().slice(0, 19);
}

function microseconds(time: number): string {
  return new Date(time).toISOString().replace('Z', '000Z');
}

function validateToken(options: KeystoneOptions, call: Call): Answer {
  requireToken(options.tokens, call, unauthorized(options.authUrl));
  const token = options.tokens.find(String(call.headers['x-subject-token'] ?? ''));
  if (!token) throw keystoneError(404, 'Failed to validate token');
  return {
    status: 200,
    headers: { 'X-Subject-Token': token.value },
    body: { token: tokenBody(token, options.catalog) },
  };
}

function revokeToken(options: KeystoneOptions, call: Call): Answer {
  requireToken(options.tokens, call, unauthorized(options.authUrl));
  options.tokens.revoke(String(call.headers['x-subject-token'] ?? ''));
  return { status: 204 };
}

function showCatalog(options: KeystoneOptions, call: Call): Answer {
  requireToken(options.tokens, call, unauthorized(options.authUrl));
  return {
    status: 200,
    body: { catalog: options.catalog, links: { self: `${options.authUrl}/auth/catalog` } },
  };
}
