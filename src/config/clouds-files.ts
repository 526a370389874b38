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
}

/** Looks where openstacksdk looks, and first beside `sidegate.yaml`. `explicit` is the key `clouds_file`. */
export async function findCloudsFiles(
  explicit: string | undefined,
  root: Place,
  context: Context,
): Promise<FoundClouds> {
  const named = explicit === undefined ? context.env['OS_CLIENT_CONFIG_FILE'] : resolvePath(context.folder, explicit);
  const candidates = named ? [resolve(named)] : searchFolders(context).map((folder) => join(folder, 'clouds.yaml'));
  const place = explicit === undefined ? root : below(root, 'clouds_file');
  const clouds = await firstOf(candidates, place, context);
  if (clouds === 'none') {
    context.findings.error(place, 'there is no clouds.yaml.', `Looked for ${candidates.join(', ')}.`);
    return { clouds: undefined, secure: undefined };
  }
  if (!clouds) return { clouds, secure: undefined };
  const secureFile = context.env['OS_CLIENT_SECURE_FILE'];
  const folders = [dirname(clouds.yaml.file), ...searchFolders(context)];
  const secure = await firstOf(
    secureFile ? [resolve(secureFile)] : folders.map((folder) => join(folder, 'secure.yaml')),
    place,
    context,
  );
  return { clouds, secure: secure === 'none' ? undefined : secure };
}

function searchFolders(context: Context): readonly string[] {
  const home = context.env['HOME'] ?? homedir();
  return [...new Set([context.folder, process.cwd(), join(home, '.config', 'openstack'), '/etc/openstack'])];
}

/** `none`: no such file; undefined: there is one, and its problem was noted. */
async function firstOf(
  files: readonly string[],
  place: Place,
  context: Context,
): Promise<CloudsFile | 'none' | undefined> {
  for (const file of files) {
    const read = await readTextFile(file);
    if (read.ok) {
      const { yaml, problems } = parseYamlFile(file, read.text);
      context.findings.addAll(problems);
      return problems.length > 0 ? undefined : { yaml, worldReadable: read.worldReadable };
    }
    if (!read.missing) {
      context.findings.error(place, `${read.what}.`);
      return undefined;
    }
  }
  return 'none';
}
