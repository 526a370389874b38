import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type { CloudAccess } from '../domain/cloud-access.ts';
import { credentialOf } from './clouds-credential.ts';
import { environmentCloud } from './clouds-environment.ts';
import { findCloudsFiles } from './clouds-files.ts';
import type { CloudsFile, FoundClouds } from './clouds-files.ts';
import { isMap, mapAt, merged, resolveCloud } from './clouds-resolve.ts';
import type { CloudMap, CloudSources } from './clouds-resolve.ts';
import type { Context } from './context.ts';
import { didYouMean } from './did-you-mean.ts';
import { readTextFile, resolvePath } from './files.ts';
import { below } from './findings.ts';
import type { Place } from './findings.ts';
import { cloudNameOf } from './places.ts';
import { cloudSchema } from './schema/clouds.ts';
import type { CloudEntry } from './schema/clouds.ts';
import { reportIssues } from './zod-problems.ts';

/** Without a limit, one lost packet hangs a request for ever; nodepool stood still for hours so. */
const defaultTimeout = 60_000;

/** A cloud that a place of a label asks for. */
export interface CloudReference {
  readonly name: string;
  /** Undefined: what clouds.yaml says. */
  readonly region: string | undefined;
  /** Of the label or its fallback; `cloud` and `region` are below. */
  readonly place: Place;
}

/** What there is to look clouds up in. */
interface Known extends CloudSources {
  readonly files: FoundClouds;
  /** The cloud of `OS_…` variables. */
  readonly environment: string | undefined;
}

/** The clouds that are asked for, each region of each once; problems are noted. */
export async function readClouds(
  references: readonly CloudReference[],
  cloudsFile: { readonly path: string | undefined; readonly root: Place },
  context: Context,
): Promise<readonly CloudAccess[]> {
  if (references.length === 0) return [];
  const files = await findCloudsFiles(cloudsFile.path, cloudsFile.root, context);
  if (!files.usable) return [];
  const known = knownClouds(files, references, context);
  if (Object.keys(known.clouds).length === 0) {
    const place = cloudsFile.path === undefined ? cloudsFile.root : below(cloudsFile.root, 'clouds_file');
    const looked = `Looked for ${files.candidates.filter((file) => file.endsWith('.yaml')).join(', ')}.`;
    context.findings.error(place, files.clouds ? 'clouds.yaml has no clouds.' : 'there is no clouds.yaml.', looked);
    return [];
  }
  for (const file of [files.clouds, files.secure]) warnReadable(file, context);
  const found = new Map<string, CloudAccess | undefined>();
  for (const reference of references) {
    const name = cloudNameOf(reference.name, reference.region);
    if (found.has(name)) continue;
    const access = await readCloud(reference, known, context);
    if (access) checkDistinct(access, reference, [...found.values()], context);
    found.set(name, access);
  }
  return [...found.values()].filter((access) => access !== undefined);
}

function knownClouds(files: FoundClouds, references: readonly CloudReference[], context: Context): Known {
  const clouds = merged(mapAt(files.clouds?.yaml.content, 'clouds'), mapAt(files.secure?.yaml.content, 'clouds'));
  const publicClouds = mapAt(files.publicClouds?.yaml.content, 'public-clouds');
  const environment = environmentCloud(context.env);
  const inFiles = isMap(clouds) ? clouds : {};
  if (!environment) return { files, clouds: inFiles, publicClouds, environment: undefined };
  const asked = references.find(({ name }) => name === environment.name);
  if (asked && Object.hasOwn(inFiles, environment.name)) {
    const what = `${environment.name} is a cloud of clouds.yaml and of the environment variables OS_….`;
    context.findings.error(
      below(asked.place, 'cloud'),
      what,
      'Unset the variables, or set OS_CLOUD_NAME to another name.',
    );
  }
  const all = { ...inFiles, [environment.name]: environment.entry };
  return { files, clouds: all, publicClouds, environment: environment.name };
}

async function readCloud(reference: CloudReference, known: Known, context: Context): Promise<CloudAccess | undefined> {
  const { name, region } = reference;
  if (!Object.hasOwn(known.clouds, name)) {
    const file = known.files.clouds?.yaml.file ?? 'clouds.yaml';
    context.findings.error(
      below(reference.place, 'cloud'),
      `${file} has no cloud ${name}.`,
      didYouMean(name, Object.keys(known.clouds)),
    );
    return undefined;
  }
  const place = placeOf(name, known, reference);
  const { entry, regions, unknownProfile } = resolveCloud(name, region, known);
  if (region !== undefined && regions.length > 0 && !regions.includes(region)) {
    const todo = `${didYouMean(region, regions)} Regions are listed in \`regions\` of the cloud.`;
    context.findings.error(below(reference.place, 'region'), `${name} has no region ${region}.`, todo);
    return undefined;
  }
  warnIgnored(entry, unknownProfile, place, context);
  const result = cloudSchema.safeParse(entry);
  if (result.success) return toAccess(result.data, reference, place, context);
  // The values may come from secure.yaml: the place shown is where the cloud is defined.
  reportIssues(result.error, { schema: cloudSchema, content: entry, place }, context.findings);
  return undefined;
}

async function toAccess(
  cloud: CloudEntry,
  { name, region }: CloudReference,
  place: Place,
  context: Context,
): Promise<CloudAccess | undefined> {
  const credential = credentialOf(cloud, place, context.findings);
  const ca = await certificateOf(cloud, place, context);
  if (!credential || !ca) return undefined;
  return {
    name: cloudNameOf(name, region),
    authUrl: cloud.auth.auth_url,
    credential,
    region: cloud.region_name,
    interface: cloud.interface ?? 'public',
    verify: isVerified(cloud),
    caCertificate: ca.pem,
    apiTimeout: Math.round((cloud.api_timeout ?? 0) * 1000) || defaultTimeout,
  };
}

/** Where the cloud is defined. */
function placeOf(name: string, { files, environment }: Known, reference: CloudReference): Place {
  if (name === environment) {
    const source = { file: 'environment', content: undefined, position: () => undefined };
    return { source, path: [name] };
  }
  const defines = (file: CloudsFile | undefined) => file && Object.hasOwn(mapAt(file.yaml.content, 'clouds'), name);
  const file = [files.clouds, files.secure].find(defines);
  return file ? { source: file.yaml, path: ['clouds', name] } : reference.place;
}

/** Two clients of one project would each take its rate, its quota and its leftovers for their own. */
function checkDistinct(
  access: CloudAccess,
  reference: CloudReference,
  others: readonly (CloudAccess | undefined)[],
  { findings }: Context,
): void {
  const same = (other: CloudAccess | undefined) =>
    other?.region === access.region && other?.name.split('/')[0] === access.name.split('/')[0];
  const other = others.find(same);
  if (!other) return;
  const what = `${access.name} and ${other.name} are the same region of one cloud.`;
  findings.error(below(reference.place, 'cloud'), what, 'Write `region` in all labels, or in none.');
}

const services = /^(?:compute|image|network|block_storage|volume(?:v[23])?|identity)_/;

/** Keys that would lead other tools elsewhere. */
function warnIgnored(entry: CloudMap, unknownProfile: string | undefined, place: Place, { findings }: Context): void {
  for (const key of Object.keys(entry)) {
    if (services.test(key) && /_(?:endpoint_override|endpoint|interface|region_name)$/.test(key))
      findings.warning(below(place, key), 'sidegate does not read it.', 'It takes what the catalog says.');
  }
  if (unknownProfile === undefined) return;
  const todo = 'sidegate has no profiles of its own: what the profile says must stand in clouds.yaml.';
  findings.warning(below(place, 'profile'), `no clouds-public.yaml has the profile ${unknownProfile}.`, todo);
}

function isVerified(cloud: CloudEntry): boolean {
  return cloud.insecure !== true && cloud.verify !== false && !/^false$/i.test(String(cloud.verify));
}

/** The certificates of `cacert`; undefined: the problem was noted. Not read where nothing is checked. */
async function certificateOf(
  cloud: CloudEntry,
  place: Place,
  { env, findings }: Context,
): Promise<{ pem: string | undefined } | undefined> {
  const path =
    cloud.cacert ?? (typeof cloud.verify === 'string' && cloud.verify.includes('/') ? cloud.verify : undefined);
  if (path === undefined || !isVerified(cloud)) return { pem: undefined };
  const at = below(place, cloud.cacert === undefined ? 'verify' : 'cacert');
  const read = await readTextFile(resolvePath(dirname(place.source.file), path, env['HOME'] ?? homedir()));
  if (read.ok && read.text.includes('-----BEGIN CERTIFICATE-----')) return { pem: read.text };
  findings.error(at, read.ok ? 'is no certificate in PEM form.' : `${read.what}.`);
  return undefined;
}

function warnReadable(file: CloudsFile | undefined, context: Context): void {
  if (!file?.worldReadable || !hasSecret(file.yaml.content)) return;
  const place: Place = { source: file.yaml, path: [] };
  context.findings.warning(
    place,
    `every user of this machine can read ${file.yaml.file}.`,
    `Run \`chmod 600 ${file.yaml.file}\`.`,
  );
}

function hasSecret(content: unknown): boolean {
  return Object.values(mapAt(content, 'clouds')).some((cloud) =>
    [cloud, mapAt(cloud, 'auth')].some(
      (map) => isMap(map) && ['password', 'application_credential_secret'].some((key) => Object.hasOwn(map, key)),
    ),
  );
}
