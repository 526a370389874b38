import { dirname, resolve } from 'node:path';
import { Secret } from '../domain/secret.ts';
import { readBackendFiles } from './backend-files.ts';
import type { BackendFiles } from './backend-files.ts';
import { readClouds } from './clouds-yaml.ts';
import type { CloudReference } from './clouds-yaml.ts';
import type { BackendAccess, Configuration, GerritConnection } from './configuration.ts';
import type { Context, Environment } from './context.ts';
import { readTextFile, resolvePath } from './files.ts';
import { checkExampleReports } from './example-reports.ts';
import { checkExclusions } from './exclusions.ts';
import { Findings, below } from './findings.ts';
import type { Place } from './findings.ts';
import { ConfigurationError } from './problem.ts';
import { readLabelFiles } from './label-files.ts';
import { checkLabels, defaultCloudOf } from './labels.ts';
import { readNotices } from './notices.ts';
import { cloudNameOf, placesOf } from './places.ts';
import { readPresets } from './presets.ts';
import { checkReferences } from './references.ts';
import type { SectionEntry } from './schema/root.ts';
import { readSignatures } from './signatures.ts';
import { labRule, shortSecretWarnings } from './scrub.ts';
import { readPhases, readReset } from './scripts.ts';
import { readPrivateKey, readSecret } from './secrets.ts';
import { readParts } from './sections.ts';
import type { Parts } from './sections.ts';
import { toSettings } from './to-settings.ts';
import { readUpload, uploadCloud } from './upload.ts';
import { parseYamlFile } from './yaml-file.ts';
import type { YamlFile } from './yaml-file.ts';

const shortestPassword = 12;

/** Reads `sidegate.yaml` and every file it names. Throws ConfigurationError with all that is wrong. */
export async function loadConfiguration(path: string, env: Environment): Promise<Configuration> {
  const file = resolve(path);
  const findings = new Findings();
  const parts = readParts(await readYaml(file), findings);
  checkReferences(parts, findings);
  const context: Context = { folder: dirname(file), env, findings };
  checkLabels(parts, context);
  checkExampleReports(parts, findings);
  const neighbours = await readNeighbours(parts, context);
  const warnings = findings.warningsOrThrow();
  if (!parts.root) throw new Error('a configuration without problems must be complete');
  const { root } = parts;
  const configuration: Configuration = {
    file,
    state: { directory: resolvePath(context.folder, root.state.directory), databaseUrl: neighbours.databaseUrl },
    web: {
      ...root.web.listen,
      publicUrl: root.web.public_url,
      operatorPassword: neighbours.operatorPassword,
    },
    logs: {
      directory: resolvePath(context.folder, root.logs.directory),
      scrub: { without: root.logs.scrub.without, rules: root.logs.scrub.rules },
      upload: neighbours.upload,
    },
    gerrit: root.gerrit.map((value, index) => toConnection(value, neighbours.credentials[index])),
    clouds: neighbours.clouds,
    backends: root.backends.map(({ name }, index) => ({ name, ...toAccess(neighbours.backends[index]) })),
    ssh: { privateKeyFile: neighbours.sshKeyFile },
    notices: neighbours.notices,
    settings: toSettings(root, { ...neighbours, defaultCloud: defaultCloudOf(env) }),
    logLevel: root.log_level,
    warnings,
  };
  return withLab(configuration, root.logs.scrub.lab);
}

/** What is hidden in logs because the rest of the file names it. */
function withLab(configuration: Configuration, hidesLab: boolean): Configuration {
  const { scrub } = configuration.logs;
  const lab = hidesLab ? labRule(configuration) : undefined;
  return {
    ...configuration,
    logs: { ...configuration.logs, scrub: { ...scrub, rules: lab ? [lab, ...scrub.rules] : scrub.rules } },
    warnings: [...configuration.warnings, ...shortSecretWarnings(configuration)],
  };
}

/** A file that cannot be parsed is the only problem told: nothing else can be known. */
async function readYaml(file: string): Promise<YamlFile> {
  const read = await readTextFile(file);
  if (!read.ok) {
    throw new ConfigurationError([
      { level: 'error', file, path: '', line: undefined, column: undefined, what: `${read.what}.`, todo: '' },
    ]);
  }
  const { yaml, problems } = parseYamlFile(file, read.text);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return yaml;
}

/** All that lies outside the file itself: keys, passwords, scripts, clouds. Read as far as possible even when something else is wrong. */
async function readNeighbours(parts: Parts, context: Context) {
  const root: Place = { source: parts.source, path: [] };
  const credentials = [];
  for (const { place, value } of parts.entries.gerrit) credentials.push(await readCredentials(value, place, context));
  const phases = [];
  for (const { place, value } of parts.entries.jobs) phases.push(await readPhases(value, place, context));
  const labels = [];
  for (const { place, value } of parts.entries.labels) labels.push(await readLabelFiles(value, place, context));
  const backends = [];
  for (const { place, value } of parts.entries.backends) backends.push(await readBackendFiles(value, place, context));
  const resets = [];
  for (const { place, value } of parts.entries.racks) resets.push(await readReset(value, place, context));
  const references = cloudReferences(parts, context);
  const found = await readClouds(
    [...references, ...uploadCloud(parts)],
    { path: parts.keys.clouds_file, root },
    context,
  );
  const upload = await readUpload(parts, found, context);
  const named = new Set(references.map(({ name, region }) => cloudNameOf(name, region)));
  const clouds = found.filter(({ name }) => named.has(name));
  const sshKey = parts.keys.ssh?.private_key;
  const key =
    sshKey === undefined ? undefined : await readPrivateKey(sshKey, below(root, 'ssh', 'private_key'), context);
  const databaseUrl = await readDatabaseUrl(parts, context);
  const operatorPassword = await readOperatorPassword(parts, context);
  const notices = await readNotices(parts, context);
  const signatures = await readSignatures(parts, context);
  const presets = await readPresets();
  checkExclusions(parts, presets, context.findings);
  return {
    credentials,
    phases,
    labels,
    backends,
    resets,
    clouds,
    upload,
    sshKeyFile: key?.file,
    databaseUrl,
    operatorPassword,
    notices,
    signatures,
    presets,
  };
}

/** Every cloud a label names, with its region. */
function cloudReferences(parts: Parts, { env }: Context): readonly CloudReference[] {
  return parts.entries.labels.flatMap(({ place, value }) =>
    placesOf(value, defaultCloudOf(env)).flatMap(({ entry, steps }) =>
      entry.cloud === undefined ? [] : [{ name: entry.cloud, region: entry.region, place: below(place, ...steps) }],
    ),
  );
}

function toAccess(files: BackendFiles | undefined): Omit<BackendAccess, 'name'> {
  return { token: files?.token, ca: files?.ca, certificate: files?.certificate, key: files?.key };
}

type Gerrit = SectionEntry<'gerrit'>;

interface Credentials {
  readonly key: { readonly file: string; readonly key: Secret } | undefined;
  readonly password: Secret | undefined;
}

async function readCredentials(value: Partial<Gerrit>, place: Place, context: Context): Promise<Credentials> {
  const { private_key: key, password } = value;
  return {
    key: key === undefined ? undefined : await readPrivateKey(key, below(place, 'private_key'), context),
    password: password === undefined ? undefined : await readSecret(password, below(place, 'password'), context),
  };
}

function toConnection(value: Gerrit, credentials: Credentials | undefined): GerritConnection {
  const { key, password } = credentials ?? {};
  if (!key || !password) throw new Error('a configuration without problems must be complete');
  return {
    name: value.name,
    host: value.host,
    sshPort: value.ssh_port,
    username: value.username,
    privateKeyFile: key.file,
    privateKey: key.key,
    hostKeys: value.host_key,
    url: value.url,
    password,
    keepaliveInterval: value.keepalive,
    keepaliveCount: value.keepalive_count,
  };
}

/** Everybody who reaches the pages can try it. */
async function readOperatorPassword(parts: Parts, context: Context): Promise<Secret | undefined> {
  const place: Place = { source: parts.source, path: ['web', 'operator_password'] };
  const reference = parts.keys.web?.operator_password;
  const password = reference && (await readSecret(reference, place, context));
  if (password === undefined || password.reveal().length >= shortestPassword) return password;
  context.findings.error(
    place,
    `the password is shorter than ${shortestPassword} characters.`,
    'Make one with `openssl rand -base64 18`.',
  );
  return undefined;
}

async function readDatabaseUrl(parts: Parts, context: Context): Promise<Secret | undefined> {
  const place: Place = { source: parts.source, path: ['state', 'database_url'] };
  const reference = parts.keys.state?.database_url;
  const fromEnv = context.env['DATABASE_URL'];
  const url = reference ? await readSecret(reference, place, context) : fromEnv ? new Secret(fromEnv) : undefined;
  if (url === undefined || /^postgres(?:ql)?:\/\/./.test(url.reveal())) return url;
  const what = reference ? 'the secret' : 'the environment variable DATABASE_URL';
  context.findings.error(place, `${what} does not start with postgresql://.`);
  return undefined;
}
