// npm run check [-- --static] [--shellcheck]: everything CI checks without a lab. --static leaves the tests out; with --shellcheck a machine that has
// none fails.
import { spawnSync } from 'node:child_process';

const wantedNode = 24;

const checks: readonly (readonly [string, ...string[]])[] = [
  ['tsc', '-p', '.'],
  ['oxlint', '--type-aware', '--deny-warnings'],
  ['oxfmt', '--check'],
  ['knip', '--no-progress'],
  ['node', 'scripts/check-shell.ts', ...(process.argv.includes('--shellcheck') ? ['--required'] : [])],
  ...(process.argv.includes('--static') ? [] : [['vitest', 'run'] as const]),
];

const failed = checks.filter(([command, ...args]) => !succeeds(command, args)).map(([command]) => command);
if (!nodeIsRight()) failed.unshift('version guard');
console.log(failed.length === 0 ? `\nAll ${checks.length + 1} checks passed.` : `\nFailed: ${failed.join(', ')}.`);
process.exitCode = failed.length === 0 ? 0 : 1;

function succeeds(command: string, args: readonly string[]): boolean {
  console.log(`\n== ${[command, ...args].join(' ')}`);
  return spawnSync(command, args, { stdio: 'inherit' }).status === 0;
}

/** Sources run as they are: another Node refuses them, or runs them with other rules. */
function nodeIsRight(): boolean {
  const major = Number(process.versions.node.split('.')[0]);
  if (major === wantedNode) return true;
  console.error(`Node ${process.version} runs this, not ${wantedNode}: use "npm run check", which brings its own.`);
  return false;
}
