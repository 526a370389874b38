import { z } from 'zod';
import { credentialRoutes } from './application-credentials.ts';
import { forbidden, keystoneError, unauthorized } from './errors.ts';
import type { Answer, Call, Route, Service } from './http.ts';
import { Refusal } from './http.ts';
import { findProject, findUser } from './login-names.ts';
import { isAdmin, requireToken } from './tokens.ts';
import type { Token, TokenStore } from './tokens.ts';
import type { ApplicationCredential, Identity, Project, User } from './world.ts';

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
  readonly identity: Identity;
  readonly tokens: TokenStore;
  /** Address of this service as the catalogue says it, `…/identity/v3`. */
  readonly authUrl: string;
  readonly catalog: (projectId: string) => readonly object[];
  /** Milliseconds that its times are wrong by. */
  readonly clock: { readonly skew: number };
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
    { method: 'GET', path: '/v3/auth/projects', handle: (call) => listProjects(options, call) },
    { method: 'GET', path: '/v3/users', handle: (call) => listUsers(options, call) },
    { method: 'GET', path: '/v3/users/:id', handle: (call) => showUser(options, call) },
    { method: 'GET', path: '/v3/projects', handle: (call) => refuse(options, call, 'identity:list_projects') },
    { method: 'GET', path: '/v3/projects/:id', handle: (call) => showProject(options, call) },
    ...credentialRoutes(options),
  ];
  return {
    name: 'identity',
    region: undefined,
    prefix: '/identity',
    routes: routes.map((route) => withDate(options, route)),
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
    body: { token: tokenBody(options, token, withCatalog) },
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
  const user = asked && findUser(options, asked);
  if (!user || user.password !== asked.password) throw new Refusal(unauthorized(options.authUrl));
  const project = findProject(options, auth.scope?.project ?? { id: user.projectId });
  if (!project || project.id !== user.projectId) throw new Refusal(unauthorized(options.authUrl));
  return options.tokens.issue({ method: 'password', user, project, roles: user.roles, credential: undefined });
}

function credentialToken(options: KeystoneOptions, auth: AuthRequest): Token {
  const asked = auth.identity.application_credential;
  if (!asked) throw keystoneError(400, "'application_credential' is a required property");
  const credential = findCredential(options, asked);
  const user = options.identity.users.find(({ id }) => id === credential.userId);
  const expired = credential.expiresAt !== undefined && credential.expiresAt <= Date.now();
  const project = options.identity.projects.find(({ id }) => id === user?.projectId);
  // A credential has its project; naming another scope is refused.
  if (!user || !project || expired || credential.secret !== asked.secret || auth.scope) {
    throw new Refusal(unauthorized(options.authUrl));
  }
  return options.tokens.issue({ method: 'application_credential', user, project, roles: credential.roles, credential });
}

function findCredential(
  options: KeystoneOptions,
  asked: NonNullable<AuthRequest['identity']['application_credential']>,
): ApplicationCredential {
  const { identity, authUrl } = options;
  const user = asked.user && findUser(options, asked.user);
  if (asked.id === undefined && !user) throw new Refusal(unauthorized(authUrl));
  const found = [...identity.applicationCredentials.values()].find(({ id, name, userId }) =>
    asked.id === undefined ? name === asked.name && userId === user?.id : id === asked.id,
  );
  // Measured: 404 here, not 401.
  if (!found) throw keystoneError(404, `Could not find Application Credential: ${asked.id ?? asked.name ?? ''}.`);
  return found;
}

function tokenBody({ catalog, clock }: KeystoneOptions, token: Token, withCatalog: boolean): object {
  const { credential, user, project } = token;
  return {
    methods: [token.method],
    user: { domain: user.domain, id: user.id, name: user.name, password_expires_at: null },
    audit_ids: [token.auditId],
    expires_at: expiryText(token, clock.skew),
    issued_at: microseconds(token.issuedAt + clock.skew),
    project: { domain: project.domain, id: project.id, name: project.name },
    is_domain: false,
    roles: token.roles.map(({ id, name }) => ({ id, name })),
    ...(withCatalog ? { catalog: catalog(project.id) } : {}),
    ...(credential
      ? {
          application_credential: {
            id: credential.id,
            name: credential.name,
            restricted: credential.unrestricted !== true,
          },
        }
      : {}),
  };
}

/** Measured: an end that comes from the application credential is written without fraction and without zone. */
function expiryText({ expiresAt, credential }: Token, skew: number): string {
  if (credential?.expiresAt !== expiresAt) return microseconds(expiresAt + skew);
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
    body: { token: tokenBody(options, token, true) },
  };
}

function revokeToken(options: KeystoneOptions, call: Call): Answer {
  requireToken(options.tokens, call, unauthorized(options.authUrl));
  options.tokens.revoke(String(call.headers['x-subject-token'] ?? ''));
  return { status: 204 };
}

function showCatalog(options: KeystoneOptions, call: Call): Answer {
  const { project } = requireToken(options.tokens, call, unauthorized(options.authUrl));
  return {
    status: 200,
    body: { catalog: options.catalog(project.id), links: { self: `${options.authUrl}/auth/catalog` } },
  };
}

function listProjects(options: KeystoneOptions, call: Call): Answer {
  const { project } = requireToken(options.tokens, call, unauthorized(options.authUrl));
  const links = { next: null, self: `${options.authUrl}/auth/projects`, previous: null };
  return { status: 200, body: { projects: [projectView(project, options.authUrl)], links } };
}

function projectView({ id, name, domain }: Project, authUrl: string): object {
  return {
    id,
    name,
    domain_id: domain.id,
    description: '',
    enabled: true,
    parent_id: domain.id,
    is_domain: false,
    tags: [],
    options: {},
    links: { self: `${authUrl}/projects/${id}` },
  };
}

function showProject(options: KeystoneOptions, call: Call): Answer {
  const token = requireToken(options.tokens, call, unauthorized(options.authUrl));
  const id = call.params['id'] ?? '';
  const project = options.identity.projects.find((entry) => entry.id === id);
  if (!project && isAdmin(token)) throw keystoneError(404, `Could not find project: ${id}.`);
  if (!project || (project.id !== token.project.id && !isAdmin(token))) throw forbidden('identity:get_project');
  return { status: 200, body: { project: projectView(project, options.authUrl) } };
}

function showUser(options: KeystoneOptions, call: Call): Answer {
  const token = requireToken(options.tokens, call, unauthorized(options.authUrl));
  const user = options.identity.users.find(({ id }) => id === call.params['id']);
  if (!user || (user.id !== token.user.id && !isAdmin(token))) throw forbidden('identity:get_user');
  return { status: 200, body: { user: userView(user, options.authUrl) } };
}

function userView({ id, name, domain }: User, authUrl: string): object {
  return {
    id,
    name,
    domain_id: domain.id,
    enabled: true,
    password_expires_at: null,
    options: {},
    links: { self: `${authUrl}/users/${id}` },
  };
}

function listUsers(options: KeystoneOptions, call: Call): Answer {
  const token = requireToken(options.tokens, call, unauthorized(options.authUrl));
  if (!isAdmin(token)) throw forbidden('identity:list_users');
  const links = { next: null, self: `${options.authUrl}/users`, previous: null };
  return { status: 200, body: { users: options.identity.users.map((user) => userView(user, options.authUrl)), links } };
}

function refuse(options: KeystoneOptions, call: Call, action: string): Answer {
  requireToken(options.tokens, call, unauthorized(options.authUrl));
  throw forbidden(action);
}

/** Its clock shows in the header too. */
function withDate({ clock }: KeystoneOptions, route: Route): Route {
  return {
    ...route,
    handle: async (call) => {
      const answer = await route.handle(call);
      if (clock.skew === 0) return answer;
      return { ...answer, headers: { ...answer.headers, Date: new Date(Date.now() + clock.skew).toUTCString() } };
    },
  };
}
