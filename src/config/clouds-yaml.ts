import { dirname } from 'node:path';
import type { CloudAccess, CloudCredential } from '../domain/cloud-access.ts';
import { findCloudsFiles } from './clouds-files.ts';
import type { CloudsFile } from './clouds-files.ts';
import type { Context } from './context.ts';
import { didYouMean } from './did-you-mean.ts';
import { readTextFile, resolvePath } from './files.ts';
import { below } from './findings.ts';
import type { Place } from './findings.ts';
import { cloudSchema } from './schema/clouds.ts';
import type { CloudEntry } from './schema/clouds.ts';
import { reportIssues } from './zod-problems.ts';

/** Without a limit, one lost packet hangs a request for ever; nodepool stood still for hours so. */
const defaultTimeout = 60_000;

/** A cloud that a label asks for, and where it does. */
export interface CloudReference {
  readonly name: string;
  readonly place: Place;
}

/** The clouds that are asked for, each once; problems are noted. */
export async function readClouds(
  references: readonly CloudReference[],
  cloudsFile: { readonly path: string | undefined; readonly root: Place },
  context: Context,
): Promise<readonly CloudAccess[]> {
  if (references.length === 0) return [];
  const { clouds, secure } = await findCloudsFiles(cloudsFile.path, cloudsFile.root, context);
  if (!clouds) return [];
  for (const file of [clouds, secure]) warnReadable(file, context);
  const known = mapAt(clouds.yaml.content, 'clouds');
  const found: CloudAccess[] = [];
  const names = new Set<string>();
  for (const { name, place } of references) {
    if (!Object.hasOwn(known, name)) {
      context.findings.error(place, `${clouds.yaml.file} has no cloud ${name}.`, didYouMean(name, Object.keys(known)));
    } else if (!names.has(name)) {
      const over = mapAt(secure?.yaml.content, 'clouds')[name];
      const access = await readCloud(
        name,
        merged(known[name], over),
        { source: clouds.yaml, path: ['clouds', name] },
        context,
      );
      if (access) found.push(access);
    }
    names.add(name);
  }
  return found;
}

async function readCloud(
  name: string,
  content: unknown,
  place: Place,
  context: Context,
): Promise<CloudAccess | undefined> {
  const result = cloudSchema.safeParse(content);
  if (!result.success) {
    // The values may come from secure.yaml: the place shown is where the cloud is defined.
    reportIssues(result.error, { schema: cloudSchema, content, place }, context.findings);
    return undefined;
  }
  const cloud = result.data;
  const credential = credentialOf(cloud, below(place, 'auth'), context);
  const ca = await certificateOf(cloud, below(place, 'cacert'), context);
  if (!credential || !ca) return undefined;
  const [first] = cloud.regions ?? [];
  return {
    name,
    authUrl: cloud.auth.auth_url,
    credential,
    region: cloud.region_name ?? (typeof first === 'object' ? first.name : first),
    interface: cloud.interface ?? cloud.endpoint_type ?? 'public',
    verify: cloud.verify ?? true,
    caCertificate: ca.pem,
    apiTimeout: cloud.api_timeout === undefined ? defaultTimeout : cloud.api_timeout * 1000,
  };
}

function credentialOf(cloud: CloudEntry, place: Place, context: Context): CloudCredential | undefined {
  const type = cloud.auth_type ?? 'password';
  if (type === 'v3applicationcredential') return applicationCredential(cloud.auth, place, context);
  if (['password', 'v3password'].includes(type)) return passwordCredential(cloud.auth, place, context);
  const at = { source: place.source, path: [...place.path.slice(0, -1), 'auth_type'] };
  context.findings.error(at, `sidegate does not know ${type}.`, 'Use password or v3applicationcredential.');
  return undefined;
}

function applicationCredential(auth: CloudEntry['auth'], place: Place, context: Context): CloudCredential | undefined {
  const {
    application_credential_id: id,
    application_credential_name: name,
    application_credential_secret: secret,
    username,
  } = auth;
  if (secret === undefined) return missing('application_credential_secret', place, context);
  if (id !== undefined) return { kind: 'application-credential', id, secret };
  if (name === undefined) return missing('application_credential_id', place, context);
  const userDomainName = domainName(auth, 'user', place, context);
  if (username === undefined) return missing('username', place, context);
  return userDomainName === undefined
    ? undefined
    : { kind: 'application-credential', name, username, userDomainName, secret };
}

function passwordCredential(auth: CloudEntry['auth'], place: Place, context: Context): CloudCredential | undefined {
  const { username, password } = auth;
  const projectName = auth.project_name ?? auth.tenant_name;
  const userDomainName = domainName(auth, 'user', place, context);
  const projectDomainName = domainName(auth, 'project', place, context);
  if (username === undefined) return missing('username', place, context);
  if (password === undefined) return missing('password', place, context);
  if (projectName === undefined) return missing('project_name', place, context);
  if (userDomainName === undefined || projectDomainName === undefined) return undefined;
  return { kind: 'password', username, password, userDomainName, projectName, projectDomainName };
}

/** The domain by name. The id `default`, which devstack writes, is that of Keystone's domain `Default`. */
function domainName(
  auth: CloudEntry['auth'],
  whose: 'user' | 'project',
  place: Place,
  context: Context,
): string | undefined {
  const name = auth[`${whose}_domain_name`];
  if (name !== undefined) return name;
  const id = auth[`${whose}_domain_id`];
  if (id === undefined) return whose === 'project' ? (auth.user_domain_name ?? 'Default') : 'Default';
  if (id === 'default') return 'Default';
  context.findings.error(
    below(place, `${whose}_domain_id`),
    'sidegate wants the domain by name.',
    `Write ${whose}_domain_name.`,
  );
  return undefined;
}

/** The certificates of `cacert`; undefined: the problem was noted. */
async function certificateOf(
  cloud: CloudEntry,
  place: Place,
  context: Context,
): Promise<{ pem: string | undefined } | undefined> {
  if (cloud.cacert === undefined) return { pem: undefined };
  const read = await readTextFile(resolvePath(dirname(place.source.file), cloud.cacert));
  if (read.ok && read.text.includes('-----BEGIN CERTIFICATE-----')) return { pem: read.text };
  context.findings.error(place, read.ok ? 'is no certificate in PEM form.' : `${read.what}.`);
  return undefined;
}

function missing(key: string, place: Place, context: Context): undefined {
  context.findings.error(below(place, key), 'is missing.', 'It may also stand in secure.yaml.');
}

function warnReadable(file: CloudsFile | undefined, context: Context): void {
  if (!file?.worldReadable || !/"(?:password|application_credential_secret)":/.test(JSON.stringify(file.yaml.content)))
    return;
  const place: Place = { source: file.yaml, path: [] };
  context.findings.warning(
    place,
    `every user of this machine can read ${file.yaml.file}.`,
    `Run \`chmod 600 ${file.yaml.file}\`.`,
  );
}

function mapAt(content: unknown, key: string): Readonly<Record<string, unknown>> {
  if (!isMap(content) || !Object.hasOwn(content, key)) return {};
  const value = content[key];
  return isMap(value) ? value : {};
}

/** `over` laid on `base`, map by map, as openstacksdk does with secure.yaml. */
function merged(base: unknown, over: unknown): unknown {
  if (over === undefined) return base;
  if (!isMap(base) || !isMap(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries([...keys].map((key) => [key, merged(base[key], over[key])]));
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
