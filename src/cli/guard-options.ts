import { readTextFile } from '../config/files.ts';
import { numberRange } from '../config/schema/ranges.ts';
import { httpUrl } from '../config/schema/scalars.ts';
import { SidegateError } from '../domain/errors.ts';
import { Secret } from '../domain/secret.ts';
import { isIP } from 'node:net';

/** As they stand on the command line. */
export interface GuardCliOptions {
  readonly feilong: string;
  readonly prefix: string;
  readonly worker: string;
  readonly listen: string;
  readonly tokenFile?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly ca?: string;
  readonly ledger?: string;
  readonly trace?: string;
  readonly deploys: string;
  readonly vswitch?: readonly string[];
  readonly untilStdinCloses?: true;
}

export interface GuardOptions {
  readonly feilong: string;
  readonly prefix: string;
  readonly worker: string;
  readonly listen: { readonly address: string; readonly port: number };
  readonly token: Secret | undefined;
  readonly tls: { readonly certificate: string; readonly key: string } | undefined;
  readonly ca: string | undefined;
  readonly deploys: number;
  readonly vswitches: readonly string[] | undefined;
}

/** Every mistake at once. */
export async function readGuardOptions(options: GuardCliOptions): Promise<GuardOptions> {
  const mistakes: string[] = [];
  const read = {
    feilong: readUrl(options.feilong, mistakes),
    prefix: readPrefix(options.prefix, mistakes),
    worker: readWorker(options.worker, mistakes),
    listen: readListen(options.listen, mistakes),
    token: await readToken(options.tokenFile, mistakes),
    tls: await readTls(options, mistakes),
    ca: await readPem('ca', 'CERTIFICATE', options.ca, mistakes),
    deploys: readDeploys(options.deploys, mistakes),
    vswitches: readVswitches(options.vswitch, mistakes),
  };
  if (mistakes.length > 0) throw new SidegateError('options-invalid', mistakes.join(' '));
  return read;
}

function readUrl(text: string, mistakes: string[]): string {
  const url = httpUrl('').safeParse(text);
  if (url.success) return url.data;
  mistakes.push(...url.error.issues.map(({ message }) => `--feilong ${message}.`));
  return '';
}

function readPrefix(text: string, mistakes: string[]): string {
  const prefix = text.toUpperCase();
  if (!/^[A-Z][A-Z0-9]{1,6}$/.test(prefix))
    mistakes.push('--prefix must be 2 to 7 letters or digits, the first one a letter.');
  return prefix;
}

function readWorker(text: string, mistakes: string[]): string {
  if (isIP(text) === 0) mistakes.push('--worker must be an IP address.');
  return text;
}

function readListen(text: string, mistakes: string[]): GuardOptions['listen'] {
  const [, bracketed, plain, port = ''] = /^(?:\[(.+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? '';
  const isPort = port === '0' || numberRange('', 1, 65_535).safeParse(port).success;
  if (isIP(address) === 0 || !isPort)
    mistakes.push('--listen must be ADDRESS:PORT, such as 192.0.2.1:8081 or [::1]:8081; port 0 takes a free one.');
  return { address, port: Number(port) };
}

function readDeploys(text: string, mistakes: string[]): number {
  if (!/^[1-9]\d?$/.test(text)) mistakes.push('--deploys must be a whole number from 1 to 99.');
  return Number(text);
}

function readVswitches(names: readonly string[] | undefined, mistakes: string[]): readonly string[] | undefined {
  for (const name of names ?? [])
    if (!/^[A-Za-z0-9]{1,8}$/.test(name)) mistakes.push('--vswitch must be at most 8 letters and digits.');
  return names?.map((name) => name.toUpperCase());
}

async function readToken(file: string | undefined, mistakes: string[]): Promise<Secret | undefined> {
  if (file === undefined) return undefined;
  const read = await readTextFile(file);
  const token = read.ok ? read.text.trim() : '';
  if (!read.ok) mistakes.push(`--token-file: ${read.what}.`);
  else if (!/^[\x21-\x7e]+$/.test(token)) mistakes.push(`--token-file: ${file} does not hold one token.`);
  return new Secret(token);
}

async function readTls({ certificate, key }: GuardCliOptions, mistakes: string[]): Promise<GuardOptions['tls']> {
  if ((certificate === undefined) !== (key === undefined))
    mistakes.push('--certificate and --key belong together: give both, or neither.');
  const pem = await readPem('certificate', 'CERTIFICATE', certificate, mistakes);
  const privateKey = await readPem('key', 'PRIVATE KEY', key, mistakes);
  return pem !== undefined && privateKey !== undefined ? { certificate: pem, key: privateKey } : undefined;
}

async function readPem(
  option: string,
  kind: 'CERTIFICATE' | 'PRIVATE KEY',
  file: string | undefined,
  mistakes: string[],
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const read = await readTextFile(file);
  if (!read.ok) mistakes.push(`--${option}: ${read.what}.`);
  else if (new RegExp(`-----BEGIN ([A-Z]+ )?${kind}-----`).test(read.text)) return read.text;
  else mistakes.push(`--${option}: ${file} holds no ${kind.toLowerCase()} in PEM form.`);
  return undefined;
}
