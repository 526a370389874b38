import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { installationIn, killDaemon } from './gerrit/daemon.ts';
import { startGerrit } from './gerrit/start-gerrit.ts';
import { MachineForbids, checkMachine } from './openstack/check-machine.ts';
import { startOpenstack } from './openstack/start-openstack.ts';
import { stopOpenstack } from './openstack/stop-openstack.ts';
import { allParts, isPart, neighboursOf } from './parts.ts';
import type { Neighbour, Part } from './parts.ts';
import { planRounds } from './plan-rounds.ts';
import { runRounds } from './run-rounds.ts';
import type { Counts } from './run-rounds.ts';
import { runVitest } from './run-vitest.ts';
import { stopTestServer } from '../test/test-database.ts';

const neighbours = { gerrit: upGerrit, openstack: upOpenstack } as const satisfies Record<Neighbour, unknown>;

// `npm run test:lab [-- [--only gerrit|openstack|objects|feilong|subunit|zvm] [--minutes N] vitest's arguments]`
const { deadline, only, rest } = readArguments(process.argv.slice(2));
const folder = await mkdtemp(join(tmpdir(), 'sidegate-lab-'));
let counts: Counts = { passed: 0, failed: 1, leftOut: [] };
const stopped = new AbortController();
// Vitest gets Ctrl-C too, a SIGTERM it is handed; then we go on to the cleaning.
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopped.abort(new Error('interrupted')));
try {
  const wanted = only === undefined ? await allowedParts() : [only];
  const env = await upNeighbours(folder, wanted);
  const run = (args: readonly string[], lane = 0) =>
    runVitest({ args, env, report: join(folder, `report-${lane}.json`), signal: stopped.signal });
  // Whoever names tests looks at them himself.
  counts =
    rest.length > 0
      ? { ...(await run(rest)), leftOut: [] }
      : await runRounds(planRounds(await filesOf(wanted)), {
          run: (file, lane) => run([join('lab', file)], lane),
          deadline,
          now: Date.now,
          say: console.log,
        });
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
} finally {
  await killDaemon(installationIn(join(folder, 'gerrit')));
  await stopOpenstack(join(folder, 'openstack'));
  await stopTestServer();
  await rm(folder, { recursive: true, force: true });
}
for (const file of counts.leftOut) console.log(`#### NOT TESTED for want of time: lab/${file}`);
console.log(`${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed === 0 ? 0 : 1;

interface Arguments {
  /** Milliseconds since 1970. */
  readonly deadline: number;
  readonly only: Part | undefined;
  /** For vitest. */
  readonly rest: readonly string[];
}

function readArguments(
  given: readonly string[],
  read: Arguments = { deadline: Infinity, only: undefined, rest: [] },
): Arguments {
  const [option, value, ...others] = given;
  if (option === '--only') {
    if (!isPart(value)) throw new Error(`--only wants one of ${allParts.join(', ')}`);
    return readArguments(others, { ...read, only: value });
  }
  if (option === '--minutes') {
    const minutes = Number(value);
    if (!(minutes > 0)) throw new Error('--minutes wants a number: no test file begins after so many minutes');
    return readArguments(others, { ...read, deadline: Date.now() + minutes * 60_000 });
  }
  return { ...read, rest: given };
}

/** Test files of some parts, relative to this folder. */
async function filesOf(parts: readonly Part[]): Promise<readonly string[]> {
  const files = await readdir(import.meta.dirname, { recursive: true });
  return files.filter((file) => file.endsWith('.lab.test.ts') && parts.some((part) => file.startsWith(part + sep)));
}

/** Environment for the tests. */
async function upNeighbours(work: string, wanted: readonly Part[]): Promise<Record<string, string>> {
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
