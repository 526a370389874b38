import { keystoneError, unauthorized } from './errors.ts';
import { Refusal } from './http.ts';
import type { Domain, Identity, Project, User } from './world.ts';

export interface AskedDomain {
  readonly id?: string | undefined;
  readonly name?: string | undefined;
}

/** A user or a project as a login names it. */
export interface Asked extends AskedDomain {
  readonly domain?: AskedDomain | undefined;
}

interface Directory {
  readonly identity: Identity;
  readonly authUrl: string;
}

/** As `keystone/auth/plugins/core.py`: the name counts where there is one, and then in its domain alone. */
export function findUser(directory: Directory, asked: Asked): User | undefined {
  const { users } = directory.identity;
  if (!asked.id && !asked.name) throw expecting('id or name', 'user');
  return asked.name ? findNamed(directory, users, asked, 'user') : users.find(({ id }) => id === asked.id);
}

/** As `keystone/auth/core.py`. */
export function findProject(directory: Directory, asked: Asked): Project | undefined {
  const { projects } = directory.identity;
  return asked.name ? findNamed(directory, projects, asked, 'project') : projects.find(({ id }) => id === asked.id);
}

function findNamed<Found extends User | Project>(
  directory: Directory,
  all: readonly Found[],
  asked: Asked,
  what: string,
): Found | undefined {
  if (!asked.domain) throw expecting('domain', what);
  const domain = findDomain(directory, asked.domain);
  return all.find(({ name, domain: own }) => name === asked.name && own.id === domain.id);
}

function findDomain({ identity, authUrl }: Directory, asked: AskedDomain): Domain {
  if (!asked.id && !asked.name) throw expecting('id or name', 'domain');
  const found = identity.domains.find(({ id, name }) => (asked.name ? name === asked.name : id === asked.id));
  if (!found) throw new Refusal(unauthorized(authUrl));
  return found;
}

function expecting(attribute: string, target: string): Refusal {
  const why = 'since it is either malformed or otherwise incorrect. The client is assumed to be in error.';
  return keystoneError(
    400,
    `Expecting to find ${attribute} in ${target}. The server could not comply with the request ${why}`,
  );
}
