import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Java {
  readonly home: string;
  readonly major: number;
  /** The newest Gerrit that this Java runs. */
  readonly gerrit: '3.13.5' | '3.10.2';
}

export const missingPackages =
  'The lab needs a Java development kit (17, or 21 and newer) and Maven: apt-get install --yes default-jdk-headless maven';

/** The JDK that `JAVA_HOME` names, else the newest usable one below /usr/lib/jvm. */
export function findJava(): Java {
  const asked = process.env['JAVA_HOME'];
  const homes = asked === undefined ? installedHomes('/usr/lib/jvm') : [asked];
  const found = homes.flatMap(readJava).sort((a, b) => b.major - a.major)[0];
  if (!found) throw new Error(missingPackages);
  return found;
}

function installedHomes(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [];
}

function readJava(home: string): Java[] {
  if (!existsSync(join(home, 'bin/jar')) || !existsSync(join(home, 'release'))) return [];
  const version = /^JAVA_VERSION="(\d+)/m.exec(readFileSync(join(home, 'release'), 'utf8'));
  const major = Number(version?.[1] ?? 0);
  if (major < 17) return [];
  return [{ home, major, gerrit: major >= 21 ? '3.13.5' : '3.10.2' }];
}
