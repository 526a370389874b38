import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import type { Context } from './context.ts';
import { readTextFile, resolvePath } from './files.ts';
import { below } from './findings.ts';
import type { Place } from './findings.ts';
import { parseYamlFile } from './yaml-file.ts';
import type { YamlFile } from './yaml-file.ts';

export interface CloudsFile {
  readonly yaml: YamlFile;
  readonly worldReadable: boolean;
}

/** What was found, or, with the problem noted already, why there is nothing. */
export interface FoundClouds {
  readonly clouds: CloudsFile | undefined;
  /** `secure.yaml`: same shape, laid over clouds.yaml. */
  readonly secure: CloudsFile | undefined;
  /** `clouds-public.yaml`: what a `profile` names. */
  readonly publicClouds: CloudsFile | undefined;
  /** Where clouds.yaml was looked for. */
  readonly candidates: readonly string[];
  /** False: one of the files is there and cannot be used, which was told. */
  readonly usable: boolean;
}

/** A file of clouds.yaml's kind, and where it is looked for. */
interface Wanted {
  readonly stem: 'clouds' | 'secure' | 'clouds-public';
  /** Looked at first. */
  readonly named: string | undefined;
  readonly folders: readonly string[];
}

/** Looks where openstacksdk looks, and first beside `sidegate.yaml`. `explicit` is the key `clouds_file`. */
export async function findCloudsFiles(
  explicit: string | undefined,
  root: Place,
  context: Context,
): Promise<FoundClouds> {
  const place = explicit === undefined ? root : below(root, 'clouds_file');
  const folders = searchFolders(context);
  const wanted: Wanted =
    explicit === undefined
      ? { stem: 'clouds', named: context.env['OS_CLIENT_CONFIG_FILE'], folders }
      : { stem: 'clouds', named: resolvePath(context.folder, explicit), folders: [] };
  const clouds = await firstOf(wanted, place, context);
  const beside = typeof clouds === 'object' ? [dirname(clouds.yaml.file)] : [];
  const more = { folders: [...beside, ...folders] };
  const named = context.env['OS_CLIENT_SECURE_FILE'];
  const secure = await firstOf({ stem: 'secure', named, ...more }, place, context);
  const publicClouds = await firstOf({ stem: 'clouds-public', named: undefined, ...more }, place, context);
  return {
    clouds: fileOf(clouds),
    secure: fileOf(secure),
    publicClouds: fileOf(publicClouds),
    candidates: candidatesOf(wanted),
    usable: ![clouds, secure, publicClouds].includes('unusable'),
  };
}

function searchFolders({ env, folder }: Context): readonly string[] {
  const config = join(env['HOME'] ?? homedir(), '.config');
  const user = [env['XDG_CONFIG_HOME'] || config, config].map((base) => join(base, 'openstack'));
  return [...new Set([folder, process.cwd(), ...user, '/etc/xdg/openstack', '/etc/openstack'])];
}

function candidatesOf({ stem, named, folders }: Wanted): readonly string[] {
  const found = [...new Set(folders)].flatMap((folder) =>
    ['yaml', 'yml', 'json'].map((ending) => join(folder, `${stem}.${ending}`)),
  );
  return named ? [resolve(named), ...found] : found;
}

type Found = CloudsFile | 'none' | 'unusable';

function fileOf(found: Found): CloudsFile | undefined {
  return typeof found === 'object' ? found : undefined;
}

/** The first file there is. One that may not be opened is passed over, as openstacksdk does, but told. */
async function firstOf(wanted: Wanted, place: Place, context: Context): Promise<Found> {
  for (const file of candidatesOf(wanted)) {
    const read = await readTextFile(file);
    if (read.ok) {
      const { yaml, problems } = parseYamlFile(file, read.text, '1.1');
      context.findings.addAll(problems);
      return problems.length > 0 ? 'unusable' : { yaml, worldReadable: read.worldReadable };
    }
    if (!read.missing && !read.denied) {
      context.findings.error(place, `${read.what}.`);
      return 'unusable';
    }
    const named = wanted.named !== undefined && file === resolve(wanted.named);
    if (read.denied || (named && wanted.folders.length > 0))
      context.findings.warning(place, `${read.what}.`, 'It is passed over.');
  }
  return 'none';
}
