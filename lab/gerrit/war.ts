import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { missingPackages } from './java.ts';
import type { Java } from './java.ts';
import { runCommand } from './run-command.ts';

const BOUNCY_CASTLE = '1.80';
const COPY_GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy';

/** Where jars, the war and golden sites of one Gerrit version are kept between runs. */
export function cacheFolder(version: string): string {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(base, 'sidegate-lab', `gerrit-${version}`);
}

/** Path of a working gerrit.war, built from Maven Central's jars the first time. */
export async function ensureWar(java: Java): Promise<string> {
  const war = join(cacheFolder(java.gerrit), 'gerrit.war');
  if (existsSync(war)) return war;

  const libraries = await ensureJars(java.gerrit);
  const work = await mkdtemp(join(dirname(war), 'war-'));
  try {
    const built = await buildWar(java, libraries, work);
    await rename(built, war);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return war;
}

/**
 * Maven Central has no gerrit-war. The plugin API and the acceptance framework are fat jars that hold the whole server
 * between them; only Bouncy Castle is missing.
 */
function artifacts(version: string): string[] {
  const bouncyCastle = ['bcprov', 'bcpg', 'bcpkix', 'bcutil'];
  return [
    `com.google.gerrit:gerrit-plugin-api:${version}`,
    `com.google.gerrit:gerrit-acceptance-framework:${version}`,
    ...bouncyCastle.map((name) => `org.bouncycastle:${name}-jdk18on:${BOUNCY_CASTLE}`),
  ];
}

async function ensureJars(version: string): Promise<string> {
  const folder = join(cacheFolder(version), 'lib');
  await mkdir(folder, { recursive: true });
  for (const artifact of artifacts(version)) await ensureJar(artifact, folder);
  return folder;
}

async function ensureJar(artifact: string, folder: string): Promise<void> {
  const [, name, version] = artifact.split(':');
  const jar = `${name}-${version}.jar`;
  if (existsSync(join(folder, jar))) return;

  const incoming = await mkdtemp(join(dirname(folder), 'incoming-'));
  try {
    await runMaven([COPY_GOAL, `-Dartifact=${artifact}:jar`, `-DoutputDirectory=${incoming}`]);
    await rename(join(incoming, jar), join(folder, jar));
  } finally {
    await rm(incoming, { recursive: true, force: true });
  }
}

async function runMaven(args: readonly string[]): Promise<void> {
  try {
    await runCommand('mvn', ['-q', '-B', '--no-transfer-progress', '-Dstyle.color=never', ...args]);
  } catch (error) {
    const cause = error instanceof Error ? error.cause : undefined;
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw missing ? new Error(missingPackages, { cause: error }) : error;
  }
}

/** Lays the jars out as Gerrit's launcher expects them in a war. */
async function buildWar(java: Java, libraries: string, work: string): Promise<string> {
  const jar = join(java.home, 'bin/jar');
  const tree = join(work, 'tree');
  const inside = join(tree, 'WEB-INF/lib');
  await mkdir(inside, { recursive: true });
  await cp(libraries, inside, { recursive: true });
  await runCommand(jar, ['xf', join(libraries, `gerrit-plugin-api-${java.gerrit}.jar`), 'com/google/gerrit/launcher'], {
    cwd: tree,
  });

  // Without this resource `gerrit version` says "(dev)".
  const versionFolder = join(work, 'version/com/google/gerrit/common');
  await mkdir(versionFolder, { recursive: true });
  await writeFile(join(versionFolder, 'Version'), `v${java.gerrit}\n`);
  await runCommand(jar, ['cf', join(inside, 'aaa-version.jar'), '-C', join(work, 'version'), '.']);

  const manifest = join(work, 'manifest.txt');
  const war = join(work, 'gerrit.war');
  await writeFile(
    manifest,
    `Main-Class: com.google.gerrit.launcher.GerritLauncher\nImplementation-Version: ${java.gerrit}\n`,
  );
  await runCommand(jar, ['--create', '--no-compress', '--file', war, '--manifest', manifest, '-C', tree, '.']);
  return war;
}
