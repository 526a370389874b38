import type { CloudCredential } from '../../domain/cloud-access.ts';

type Password = Extract<CloudCredential, { kind: 'password' }>;
type ApplicationCredential = Extract<CloudCredential, { kind: 'application-credential' }>;

/** What Keystone v3 wants for a token. Of an id and a name it takes the name: only the one that counts is sent. */
export function authBody(credential: CloudCredential): object {
  return credential.kind === 'password' ? passwordBody(credential) : applicationCredentialBody(credential);
}

function passwordBody(credential: Password): object {
  const { password, projectId, projectName, projectDomainId, projectDomainName } = credential;
  const user = { ...userBody(credential), password };
  const project =
    projectId === undefined
      ? { name: projectName, domain: domainBody(projectDomainId, projectDomainName) }
      : { id: projectId };
  return { identity: { methods: ['password'], password: { user } }, scope: { project } };
}

/** It has its project: a scope beside it is refused. */
function applicationCredentialBody(credential: ApplicationCredential): object {
  const { id, name, secret } = credential;
  const named = id === undefined ? { name, user: userBody(credential), secret } : { id, secret };
  return { identity: { methods: ['application_credential'], application_credential: named } };
}

function userBody({ userId, username, userDomainId, userDomainName }: CloudCredential): object {
  return userId === undefined ? { name: username, domain: domainBody(userDomainId, userDomainName) } : { id: userId };
}

function domainBody(id: string | undefined, name: string | undefined): object {
  return id === undefined ? { name } : { id };
}
