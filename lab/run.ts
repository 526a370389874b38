import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installationIn, killDaemon } from './gerrit/daemon.ts';
import { startGerrit } from './gerrit/start-gerrit.ts';
import { MachineForbids, checkMachine } from './openstack/check-machine.ts';
import { startOpenstack } from './openstack/start-openstack.ts';
import { stopOpenstack } from './openstack/stop-openstack.ts';
import { allParts, isPart, neighboursOf } from './parts.ts';
import type { Neighbour, Part } from './parts.ts';
import { stopTestServer } from '../test/test-database.ts';
import { readVitestReport, runAgainIfFailed } from '../test/vitest-report.ts';
import type { VitestRun } from '../test/vitest-report.ts';

const neighbours = { gerrit: upGerrit, openstack: upOpenstack } as const satisfies Record<Neighbour, unknown>;

// `npm run test:lab [-- [--only gerrit|openstack|objects|feilong|subunit|zvm] vitest's arguments]`
const { only, rest } = readArguments(process.argv.slice(2));
const folder = await mkdtemp(join(tmpdir(), 'sidegate-lab-'));
let counts = { passed: 0, failed: 1 };
let tests: ChildProcess | undefined;
let interrupted = false;
// Vitest gets Ctrl-C too and ends, a SIGTERM it is handed; then we go on to the cleaning.
process.on('SIGINT', () => (interrupted = true));
process.on('SIGTERM', () => {
  interrupted = true;
  tests?.kill('SIGTERM');
});
try {
  const env = await upNeighbours(folder);
  // Whoever names tests looks at them himself.
  counts = await (rest.length > 0
    ? runTests(folder, env, rest)
    : runAgainIfFailed((files) => runTests(folder, env, files), console.log));
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  await killDaemon(installationIn(join(folder, 'gerrit')));
  await stopOpenstack(join(folder, 'openstack'));
  await stopTestServer();
  await rm(folder, { recursive: true, force: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

function readArguments(given: readonly string[]): { only: Part | undefined; rest: readonly string[] } {
  const [option, name, ...others] = given;
  if (option !== '--only') return { only: undefined, rest: given };
  if (!isPart(name)) throw new Error(`--only wants one of ${allParts.join(', ')}`);
  return { only: name, rest: others };
}

/** Environment for the tests. */
async function upNeighbours(work: string): Promise<Record<string, string>> {
  const wanted = only === undefined ? await allowedParts() : [only];
  // Of both the one that fails first is told, but only after the other has ended its start too: it could not be ended else.
  const started = await Promise.allSettled(neighboursOf(wanted).map((name) => neighbours[name](join(work, name))));
  for (const one of started) if (one.status === 'rejected') throw one.reason;
  const addresses = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  return Object.assign({ SIDEGATE_LAB_PARTS: wanted.join(',') }, ...addresses) as Record<string, string>;
}

/** Without namespaces there are no test servers and no Feilong; then Gerrit and python-subunit are still worth a test. `--only openstack` fails there. */
async function allowedParts(): Promise<readonly Part[]> {
  try {
    await checkMachine();
    return allParts;
  } catch (error) {
    if (!(error instanceof MachineForbids)) throw error;
    const parts: readonly Part[] = ['gerrit', 'subunit'];
    const left = allParts.filter((part) => !parts.includes(part));
    console.error(`\n#### NOT TESTED on real parts (${left.join(', ')}): ${error.message}\n`);
    return parts;
  }
}

async function upGerrit(root: string): Promise<Record<string, string>> {
  console.log('Starting a real Gerrit (some minutes the first time: it is downloaded and seeded) …');
  const gerrit = await startGerrit({ root });
  console.log(`Gerrit ${gerrit.java.gerrit} on Java ${gerrit.java.major} at ${gerrit.url}, SSH port ${gerrit.sshPort}`);
  return { GERRIT_LAB: JSON.stringify(gerrit) };
}

async function upOpenstack(root: string): Promise<Record<string, string>> {
  console.log('Starting a real OpenStack (a minute the first time: its databases are made) …');
  const openstack = await startOpenstack({ root });
  console.log(`OpenStack at ${openstack.authUrl}`);
  return { OPENSTACK_LAB: JSON.stringify(openstack) };
}

async function runTests(work: string, env: Record<string, string>, args: readonly string[]): Promise<VitestRun> {
  if (interrupted) throw new Error('interrupted');
  const report = join(work, 'report.json');
  const vitest = join(import.meta.dirname, '../node_modules/vitest/vitest.mjs');
  const config = join(import.meta.dirname, 'vitest.config.ts');
  const options = [
    'run',
    '--config',
    config,
    '--root',
    join(import.meta.dirname, '..'),
    '--reporter=default',
    '--reporter=json',
  ];
  const child = spawn(process.execPath, [vitest, ...options, `--outputFile.json=${report}`, ...args], {
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  tests = child;
  await once(child, 'exit');
  return readVitestReport(report);
}
