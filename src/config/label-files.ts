import type { Context } from './context.ts';
import { readTextFile, resolvePath } from './files.ts';
import { below } from './findings.ts';
import type { Place } from './findings.ts';
import { placesOf } from './places.ts';
import type { SectionEntry } from './schema/root.ts';
import { readScript } from './scripts.ts';

/** The files a label names, read when sidegate starts. */
export interface LabelFiles {
  /** By the path written in the file. */
  readonly userData: ReadonlyMap<string, string>;
  readonly prepare: string | undefined;
  readonly smoke: string | undefined;
}

/** Nova takes 65535 bytes of base64. */
const longestUserData = 48_000;

export async function readLabelFiles(
  label: Partial<SectionEntry<'labels'>>,
  place: Place,
  context: Context,
): Promise<LabelFiles> {
  const userData = new Map<string, string>();
  for (const { own, steps } of placesOf(label, undefined)) {
    const path = own.user_data ?? undefined;
    if (path === undefined || userData.has(path)) continue;
    const text = await readUserData(path, below(place, ...steps, 'user_data'), context);
    if (text !== undefined) userData.set(path, text);
  }
  const script = async (key: 'prepare' | 'smoke') => {
    const path = label.image_build?.[key];
    return path === undefined ? undefined : readScript(path, below(place, 'image_build', key), context);
  };
  return { userData, prepare: await script('prepare'), smoke: await script('smoke') };
}

async function readUserData(path: string, place: Place, context: Context): Promise<string | undefined> {
  const read = await readTextFile(resolvePath(context.folder, path));
  if (!read.ok) {
    context.findings.error(place, `${read.what}.`);
    return undefined;
  }
  const size = Buffer.byteLength(read.text);
  if (size > longestUserData) {
    const todo = `Nova takes at most ${longestUserData}: let the server fetch the rest, or put it into the image.`;
    context.findings.error(place, `${path} has ${size} bytes.`, todo);
    return undefined;
  }
  if (read.text.trim() === '') {
    context.findings.error(place, `${path} is empty.`);
    return undefined;
  }
  if (looksSecret(read.text)) {
    const todo = 'Test servers run hostile code, which can read all of it: remove the secret.';
    context.findings.warning(place, `${path} seems to hold a password or a private key.`, todo);
  }
  return read.text;
}

/** Words of cloud-init that only look so (`lock_passwd: true`, `chpasswd: {expire: false}`) do not count. */
const secretKey =
  /(?<!lock_|ch)(?:passw(?:or)?d|passphrase|secret(?:_key)?|api_?key|access_?key|token)["']?[ \t]*[:=][ \t]*["']?(?!true|false|[!*{\s"'])\S/i;

function looksSecret(text: string): boolean {
  return /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----/.test(text) || secretKey.test(text);
}
