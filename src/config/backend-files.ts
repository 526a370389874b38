import type { Secret } from '../domain/secret.ts';
import type { Context } from './context.ts';
import { readTextFile, resolvePath } from './files.ts';
import { below } from './findings.ts';
import type { Place } from './findings.ts';
import type { BackendEntry } from './schema/back.ts';
import { readScript } from './scripts.ts';
import { readPrivateKey, readSecret } from './secrets.ts';

/** What a back end has outside of the file. */
export interface BackendFiles {
  readonly token: Secret | undefined;
  /** PEM. */
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: Secret | undefined;
  readonly scripts: { readonly prepare?: string; readonly clean?: string; readonly check?: string };
}

export async function readBackendFiles(
  value: Partial<BackendEntry>,
  place: Place,
  context: Context,
): Promise<BackendFiles> {
  const { token, ca_file: ca, guard } = value;
  const guardPlace = below(place, 'guard');
  const key = guard?.key === undefined ? undefined : await readPrivateKey(guard.key, below(guardPlace, 'key'), context);
  return {
    token: token && (await readSecret(token, below(place, 'token'), context)),
    ca: await readCertificate(ca, below(place, 'ca_file'), context),
    certificate: await readCertificate(guard?.certificate, below(guardPlace, 'certificate'), context),
    key: key?.key,
    scripts: await readScripts(value, below(place, 'command'), context),
  };
}

export async function readCertificate(
  path: string | undefined,
  place: Place,
  context: Context,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const read = await readTextFile(resolvePath(context.folder, path));
  if (!read.ok) context.findings.error(place, `${read.what}.`);
  else if (read.text.includes('-----BEGIN CERTIFICATE-----')) return read.text;
  else context.findings.error(place, `${path} holds no certificate in PEM form.`);
  return undefined;
}

async function readScripts(
  { command }: Partial<BackendEntry>,
  place: Place,
  context: Context,
): Promise<BackendFiles['scripts']> {
  const texts: Record<string, string> = {};
  for (const name of ['prepare', 'clean', 'check'] as const) {
    const { run, script } = command?.[name] ?? {};
    const text = script === undefined ? run : await readScript(script, below(place, name, 'script'), context);
    if (text !== undefined) texts[name] = text;
  }
  return texts;
}
