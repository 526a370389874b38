import type { CloudCredential } from '../domain/cloud-access.ts';
import { below } from './findings.ts';
import type { Findings, Place } from './findings.ts';
import type { CloudEntry } from './schema/clouds.ts';

type Auth = CloudEntry['auth'];

/** How to log in, from `auth`; undefined: what is missing was told. */
export function credentialOf(cloud: CloudEntry, place: Place, findings: Findings): CloudCredential | undefined {
  const type = cloud.auth_type ?? 'password';
  const missing = new Missing(below(place, 'auth'), findings);
  if (type === 'v3applicationcredential') return applicationCredential(cloud.auth, missing);
  if (['password', 'v3password'].includes(type)) return passwordCredential(cloud.auth, missing);
  findings.error(
    below(place, 'auth_type'),
    `sidegate does not know ${type}.`,
    'Use password or v3applicationcredential.',
  );
  return undefined;
}

class Missing {
  readonly #place: Place;
  readonly #findings: Findings;

  constructor(place: Place, findings: Findings) {
    this.#place = place;
    this.#findings = findings;
  }

  tell(key: keyof Auth): undefined {
    this.#findings.error(below(this.#place, key), 'is missing.', 'It may also stand in secure.yaml.');
  }
}

function applicationCredential(auth: Auth, missing: Missing): CloudCredential | undefined {
  const { application_credential_id: id, application_credential_name: name } = auth;
  const secret = auth.application_credential_secret;
  if (secret === undefined) return missing.tell('application_credential_secret');
  if (id !== undefined) return { kind: 'application-credential', id, secret };
  if (name === undefined) return missing.tell('application_credential_id');
  const user = userOf(auth);
  return user ? { kind: 'application-credential', name, ...user, secret } : missing.tell('username');
}

function passwordCredential(auth: Auth, missing: Missing): CloudCredential | undefined {
  const { password, project_name: projectName, project_id: projectId } = auth;
  const user = userOf(auth);
  if (!user) return missing.tell('username');
  if (password === undefined) return missing.tell('password');
  if (projectName === undefined && projectId === undefined) return missing.tell('project_name');
  const { project_domain_name: name, project_domain_id: domainId } = auth;
  // Where everything is in one domain, people often write it for the user alone.
  const ofUser = name === undefined && domainId === undefined;
  const domain = ofUser ? domainOf(auth.user_domain_name, auth.user_domain_id) : domainOf(name, domainId);
  return {
    kind: 'password',
    ...user,
    password,
    projectName: projectName ?? '',
    ...(projectId === undefined ? {} : { projectId }),
    projectDomainName: domain.name,
    ...(domain.id === undefined ? {} : { projectDomainId: domain.id }),
  };
}

function userOf(auth: Auth) {
  const { username, user_id: userId } = auth;
  if (username === undefined && userId === undefined) return undefined;
  const domain = domainOf(auth.user_domain_name, auth.user_domain_id);
  return {
    username: username ?? '',
    ...(userId === undefined ? {} : { userId }),
    userDomainName: domain.name,
    ...(domain.id === undefined ? {} : { userDomainId: domain.id }),
  };
}

/** The id counts. `default` is the id of Keystone's first domain, which is named `Default`. */
function domainOf(name: string | undefined, id: string | undefined) {
  const unnamed = id === undefined || id === 'default' ? 'Default' : '';
  return { name: name ?? unnamed, id };
}
