// node scripts/check-shell.ts [--required]: shellcheck over every shell script of the repository. A machine without shellcheck is told so, and only
// with --required (CI installs it) is that a failure.
import { spawnSync } from 'node:child_process';
import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const scripts = filesOf('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']).filter(isShell);
if (scripts.length === 0) throw new Error('no shell script was found');
// It follows no `source`: what a script reads on a test server is not here.
const { error, status } = spawnSync('shellcheck', scripts, { cwd: root, stdio: 'inherit' });
if (error) console.log(`shellcheck is not installed (${error.message}): ${scripts.length} scripts were not looked at`);
else console.log(`${scripts.length} scripts`);
process.exitCode = error ? Number(process.argv.includes('--required')) : (status ?? 1);

function filesOf(command: string, args: readonly string[]): readonly string[] {
  const { error: broken, stdout } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  if (broken) throw broken;
  return stdout.split('\0').filter((path) => path !== '');
}

/** By its name, or by what its first line says. */
function isShell(path: string): boolean {
  return path.endsWith('.sh') || (!/\.[a-z]+$/.test(path) && /^#!.*\b(?:ba|da)?sh\b/.test(firstBytes(path)));
}

/** Empty where git knows a file that is gone, or a link to a folder. */
function firstBytes(path: string): string {
  try {
    const file = openSync(join(root, path), 'r');
    const buffer = Buffer.alloc(64);
    const length = readSync(file, buffer);
    closeSync(file);
    return buffer.toString('latin1', 0, length);
  } catch {
    return '';
  }
}
