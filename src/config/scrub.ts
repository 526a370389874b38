import { parseNetwork } from '../domain/scrub/networks.ts';
import { shortestSecret } from '../domain/scrub/known-strings.ts';
import type { ScrubRuleSettings } from '../domain/scrub/scrubber.ts';
import type { Configuration, UploadAccess } from './configuration.ts';
import type { Problem } from './problem.ts';

interface KnownSecret {
  readonly what: string;
  readonly value: string;
}

/** All secrets of the configuration: they are hidden in logs whatever the rules say. */
export function knownSecrets(configuration: Configuration): readonly string[] {
  return namedSecrets(configuration).map(({ value }) => value);
}

/** Hosts that only this lab has, as the configuration names them; undefined: none. */
export function labRule({ clouds, logs, notices, settings, state }: Configuration): ScrubRuleSettings | undefined {
  const feilongs = settings.backends.flatMap(({ driver }) => (driver.kind === 'feilong' ? [driver] : []));
  const urls = [
    ...[...clouds, ...uploadClouds(logs.upload)].map(({ authUrl }) => authUrl),
    ...feilongs.map(({ url }) => url),
    logs.upload?.kind === 's3' ? logs.upload.endpoint : '',
  ];
  const hosts = [
    ...[...urls, state.databaseUrl?.reveal() ?? ''].map(hostOf),
    ...feilongs.map(({ guard }) => guard?.address ?? ''),
    ...settings.racks.flatMap((rack) => rack.hosts.map(({ address }) => address)),
    notices.email?.host ?? '',
  ].filter((host) => !isThisMachine(host));
  const networks = hosts.flatMap((host) => parseNetwork(host) ?? []);
  // A name of one word is a word that logs use for other things too.
  const strings = hosts.filter((host) => parseNetwork(host) === undefined && host.includes('.'));
  if (networks.length + strings.length === 0) return undefined;
  return { name: 'lab', strings: [...new Set(strings)], patterns: [], networks, replace: true };
}

/** Secrets that are as short as words cannot be hidden without hiding the words. */
export function shortSecretWarnings(configuration: Configuration): readonly Problem[] {
  return namedSecrets(configuration)
    .filter(({ value }) => value.length < shortestSecret)
    .map(({ what }) => ({
      level: 'warning',
      file: configuration.file,
      path: '',
      line: undefined,
      column: undefined,
      what: `${what} has less than ${shortestSecret} characters: it cannot be hidden in logs.`,
      todo: 'Take a longer one.',
    }));
}

function namedSecrets({ backends, clouds, gerrit, logs, notices, state, web }: Configuration): readonly KnownSecret[] {
  const secrets = [
    ...gerrit.flatMap(({ name, password, privateKey }) => [
      { what: `the password of ${name}`, value: password.reveal() },
      { what: `the private key of ${name}`, value: privateKey.reveal() },
    ]),
    ...[...clouds, ...uploadClouds(logs.upload)].map(({ credential, name }) => ({
      what: `the credential of ${name}`,
      value: credential.kind === 'password' ? credential.password : credential.secret,
    })),
    ...(logs.upload?.kind === 's3'
      ? [{ what: 'the secret key of the object store', value: logs.upload.secretKey.reveal() }]
      : []),
    ...backends.flatMap(({ key, name, token }) => [
      { what: `the token of ${name}`, value: token?.reveal() },
      { what: `the key of ${name}`, value: key?.reveal() },
    ]),
    { what: 'the operator password', value: web.operatorPassword?.reveal() },
    ...databaseSecrets(state.databaseUrl?.reveal()),
    { what: 'the password of the mailbox', value: notices.email?.password?.reveal() },
    ...notices.webhooks.flatMap(({ name, secret, url }) => [
      { what: `the address of ${name}`, value: url.reveal() },
      { what: `the secret of ${name}`, value: secret?.reveal() },
    ]),
  ];
  return secrets.flatMap(({ value, what }) => (value === undefined || value === '' ? [] : [{ what, value }]));
}

function uploadClouds(upload: UploadAccess | undefined) {
  return upload?.kind === 'swift' ? [upload.cloud] : [];
}

function databaseSecrets(url: string | undefined): readonly { what: string; value: string | undefined }[] {
  if (url === undefined || !URL.canParse(url)) return [];
  return [{ what: 'the password of the database', value: decodeURIComponent(new URL(url).password) }];
}

function hostOf(url: string): string {
  return URL.canParse(url) ? new URL(url).hostname.replace(/^\[|\]$/g, '') : '';
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '0.0.0.0' || host.startsWith('127.');
}
