#!/usr/bin/env node
// run.mjs COMMAND [ARG ...]: installs what is missing, then runs COMMAND with the bundled Node and node_modules/.bin first in PATH.
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensureInstalled, root } from './install.mjs';

const node = ensureInstalled();
run(process.argv.slice(2));

function run([command, ...args]) {
  const path = [dirname(node), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
  // A terminal sends Ctrl-C to the whole process group; the child decides how to stop, this wrapper only waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : code));
}
