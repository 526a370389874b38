// Plain JavaScript without dependencies: it runs on whatever Node (>= 20) the machine has, before anything is installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const stamp = join(root, 'node_modules', '.sidegate-installed');
const bundledNode = join(root, 'node_modules', 'node', 'bin', 'node');

/** Installs exactly what package-lock.json names, unless that was already done; returns the path of the Node sidegate runs on. */
export function ensureInstalled() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  const installed = existsSync(stamp) ? readFileSync(stamp, 'utf8') : '';
  if (installed === wanted && existsSync(bundledNode)) return bundledNode;

  process.stderr.write(
    'sidegate: installing what package-lock.json names (npm ci, about half a minute the first time)…\n',
  );
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    // npm's own chatter goes to standard error: standard output belongs to the command that was asked for.
    stdio: ['ignore', 2, 2],
  });
  if (npm.status !== 0) fail(`npm ci ended with status ${npm.status ?? npm.signal ?? npm.error?.message}`);
  if (!existsSync(bundledNode))
    fail('the npm package "node" did not bring its binary: allow its install script (npm ci without --ignore-scripts)');
  writeFileSync(stamp, wanted);
  return bundledNode;
}

function fail(reason) {
  process.stderr.write(`sidegate: cannot install: ${reason}\n`);
  process.exit(1);
}
