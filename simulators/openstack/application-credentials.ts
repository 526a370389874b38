import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { forbidden, keystoneError, unauthorized } from './errors.ts';
import type { Answer, Call, Route } from './http.ts';
import { isAdmin, requireToken } from './tokens.ts';
import type { Token, TokenStore } from './tokens.ts';
import type { ApplicationCredential, Identity, Role } from './world.ts';

interface CredentialOptions {
  readonly identity: Identity;
  readonly tokens: TokenStore;
  readonly authUrl: string;
}

type Handler = (options: CredentialOptions, call: Call, token: Token) => Answer;

const schema = z.object({
  application_credential: z.object({
    name: z.string().min(1).max(255),
    secret: z.string().nullish(),
    description: z.string().nullish(),
    expires_at: z.string().nullish(),
    roles: z.array(z.object({ id: z.string().optional(), name: z.string().optional() })).nullish(),
    unrestricted: z.boolean().nullish(),
  }),
});

export function credentialRoutes(options: CredentialOptions): readonly Route[] {
  const route = (method: string, path: string, handler: Handler): Route => ({
    method,
    path: `/v3/users/:user/application_credentials${path}`,
    handle(call) {
      const token = requireToken(options.tokens, call, unauthorized(options.authUrl));
      if (call.params['user'] !== token.user.id && !isAdmin(token)) {
        throw forbidden('identity:list_application_credentials');
      }
      return handler(options, call, token);
    },
  });
  return [
    route('GET', '', listCredentials),
    route('POST', '', createCredential),
    route('GET', '/:id', showCredential),
    route('DELETE', '/:id', deleteCredential),
  ];
}

function listCredentials({ identity, authUrl }: CredentialOptions, { params, query }: Call): Answer {
  const name = query.get('name');
  const own = credentialsOf(identity, params['user']).filter((entry) => name === null || entry.name === name);
  const self = `${authUrl}/users/${params['user']}/application_credentials`;
  return {
    status: 200,
    body: {
      application_credentials: own.map((entry) => credentialView(entry, authUrl)),
      links: { next: null, self, previous: null },
    },
  };
}

function credentialsOf(identity: Identity, user: string | undefined): readonly ApplicationCredential[] {
  return [...identity.applicationCredentials.values()].filter(({ userId }) => userId === user);
}

function createCredential({ identity, authUrl }: CredentialOptions, call: Call, token: Token): Answer {
  checkUnrestricted(token);
  const parsed = schema.safeParse(call.json);
  if (!parsed.success) throw keystoneError(400, z.prettifyError(parsed.error));
  const asked = parsed.data.application_credential;
  if (credentialsOf(identity, token.user.id).some(({ name }) => name === asked.name)) {
    const what = 'Conflict occurred attempting to store application_credential';
    throw keystoneError(409, `${what} - Duplicate entry found with name ${asked.name}.`);
  }
  const credential: ApplicationCredential = {
    id: randomBytes(16).toString('hex'),
    name: asked.name,
    description: asked.description ?? null,
    secret: asked.secret ?? randomBytes(64).toString('base64url'),
    userId: token.user.id,
    projectId: token.project.id,
    roles: askedRoles(asked.roles, token),
    unrestricted: asked.unrestricted ?? null,
    expiresAt: readExpiry(asked.expires_at),
  };
  identity.applicationCredentials.set(credential.id, credential);
  const view = { ...credentialView(credential, authUrl), secret: credential.secret };
  return { status: 201, body: { application_credential: view } };
}

/** A credential makes no further ones unless it was allowed to. */
function checkUnrestricted({ credential }: Token): void {
  if (!credential || credential.unrestricted === true) return;
  const why = "Using method 'application_credential' is not allowed for managing additional application credentials";
  throw forbidden(why);
}

function askedRoles(
  asked: readonly { id?: string | undefined; name?: string | undefined }[] | null | undefined,
  token: Token,
) {
  if (!asked) return token.roles;
  return asked.map(({ id, name }): Role => {
    const role = token.roles.find((entry) => entry.id === id || entry.name === name);
    if (role) return role;
    throw keystoneError(
      400,
      `Invalid application credential: Could not find role assignment with role: ${id ?? name}.`,
    );
  });
}

function readExpiry(text: string | null | undefined): number | undefined {
  if (text === undefined || text === null) return undefined;
  const time = Date.parse(text.endsWith('Z') ? text : `${text}Z`);
  const malformed =
    'The server could not comply with the request since it is either malformed or otherwise incorrect. The client is assumed to be in error.';
  if (Number.isNaN(time)) {
    const hint = 'Timestamp not in expected format.';
    throw keystoneError(400, `${hint} ${malformed}`);
  }
  if (time > Date.now()) return time;
  throw keystoneError(400, `The 'expires_at' must not be before now. ${malformed}`);
}

function showCredential({ identity, authUrl }: CredentialOptions, call: Call): Answer {
  return { status: 200, body: { application_credential: credentialView(pathCredential(identity, call), authUrl) } };
}

/** Its tokens are worth nothing from then on. */
function deleteCredential({ identity, tokens }: CredentialOptions, call: Call, token: Token): Answer {
  checkUnrestricted(token);
  const { id } = pathCredential(identity, call);
  identity.applicationCredentials.delete(id);
  tokens.revokeOf(id);
  return { status: 204 };
}

function pathCredential(identity: Identity, { params }: Call): ApplicationCredential {
  const found = credentialsOf(identity, params['user']).find(({ id }) => id === params['id']);
  if (!found) throw keystoneError(404, `Could not find Application Credential: ${params['id']}.`);
  return found;
}

function credentialView(credential: ApplicationCredential, authUrl: string): object {
  const { expiresAt } = credential;
  return {
    id: credential.id,
    name: credential.name,
    description: credential.description,
    user_id: credential.userId,
    project_id: credential.projectId,
    system: null,
    expires_at: expiresAt === undefined ? null : new Date(expiresAt).toISOString().replace('Z', '000'),
    unrestricted: credential.unrestricted,
    roles: credential.roles.map(({ id, name }) => ({
      id,
      name,
      domain_id: null,
      description: null,
      options: { immutable: true },
    })),
    links: { self: `${authUrl}/application_credentials/${credential.id}` },
  };
}
