import { Secret } from '../domain/secret.ts';
import type { Context } from './context.ts';
import { readTextFile, resolvePath } from './files.ts';
import { below } from './findings.ts';
import type { Place } from './findings.ts';
import { isPassphraseProtected, looksLikePrivateKey } from './private-key.ts';
import type { SecretReference } from './schema/scalars.ts';

/** Follows `{file: PATH}` or `{env: NAME}`; undefined: the problem was noted. */
export async function readSecret(
  reference: SecretReference,
  place: Place,
  context: Context,
): Promise<Secret | undefined> {
  const text =
    'env' in reference
      ? context.env[reference.env]
      : await readSecretFile(reference.file, below(place, 'file'), context);
  if (text === undefined) {
    if ('env' in reference)
      context.findings.error(below(place, 'env'), `the environment variable ${reference.env} is not set.`);
    return undefined;
  }
  // An editor ends the file with a newline; the secret itself never has one.
  const value = text.replace(/[\r\n]+$/, '');
  if (value !== '') return new Secret(value);
  context.findings.error(place, 'the secret is empty.');
  return undefined;
}

export async function readPrivateKey(
  path: string,
  place: Place,
  context: Context,
): Promise<{ file: string; key: Secret } | undefined> {
  const file = resolvePath(context.folder, path);
  const text = await readSecretFile(path, place, context);
  if (text === undefined) return undefined;
  if (!looksLikePrivateKey(text)) {
    context.findings.error(
      place,
      `${file} is no private key in PEM or OpenSSH form.`,
      'Make one with `ssh-keygen -t ed25519 -N ""`.',
    );
    return undefined;
  }
  if (!isPassphraseProtected(text)) return { file, key: new Secret(text) };
  context.findings.error(
    place,
    `${file} is protected by a passphrase.`,
    `Remove it with \`ssh-keygen -p -N "" -f ${file}\`.`,
  );
  return undefined;
}

async function readSecretFile(path: string, place: Place, context: Context): Promise<string | undefined> {
  const file = resolvePath(context.folder, path);
  const read = await readTextFile(file);
  if (!read.ok) {
    context.findings.error(place, `${read.what}.`);
    return undefined;
  }
  if (read.worldReadable)
    context.findings.warning(place, `every user of this machine can read ${file}.`, `Run \`chmod 600 ${file}\`.`);
  return read.text;
}
