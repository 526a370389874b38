import type { Evidence } from '../domain/guard/evidence.ts';
import { errorText } from '../domain/errors.ts';
import { proofFile } from '../domain/log-path.ts';
import { configuredDriver, loadedDriver, parseCheckedOut, proveCommits } from '../domain/proof.ts';
import type { Proof } from '../domain/proof.ts';
import type { BuildContext } from './run-build.ts';

/** Written by `fetch.sh` and `collect.sh`. */
const checkedOutFile = 'zuul-info/checked-out.txt';
/** devstack's nova-compute has a file of its own. */
const novaFiles = ['controller/logs/etc/nova/nova-cpu_conf.txt', 'controller/logs/etc/nova/nova_conf.txt'];
const computeLogs = ['controller/logs/screen-n-cpu.txt', 'controller/logs/nova-compute.txt', 'logs/nova-compute.log'];

/** Read of each: a nova.conf with all comments has 400 KiB, the driver is loaded at the start of the log. */
const most = { checkedOut: 256 * 1024, conf: 1024 * 1024, log: 4 * 1024 * 1024 };

/** What was really tested, from what the job published and its guard counted. It is all the test server's word, but for the guests. */
export async function readProof(context: BuildContext, evidence: Evidence | undefined): Promise<Proof> {
  const { build } = context;
  const checkedOut = parseCheckedOut(await textOf(context, checkedOutFile, most.checkedOut));
  return {
    commits: proveCommits(build, checkedOut),
    driver: {
      configured: await firstOf(context, novaFiles, (text) => configuredDriver(text), most.conf),
      loaded: await firstOf(context, computeLogs, (text) => loadedDriver(text), most.log),
    },
    guests: guestsOf(context, evidence),
  };
}

/** Beside the logs, for those who look at them later. Without it the proof is still in the database. */
export async function publishProof({ build, flow }: BuildContext, proof: Proof): Promise<void> {
  try {
    await flow.archive.write(`${build.logPath}${proofFile}`, `${JSON.stringify(proof, null, 2)}\n`);
  } catch (error) {
    flow.logger.warn({ build: build.id, err: errorText(error) }, 'the proof could not be published');
  }
}

async function textOf({ build, flow }: BuildContext, name: string, limit: number): Promise<string> {
  return (await flow.archive.read(`${build.logPath}${name}`, 0, limit)).toString();
}

async function firstOf(
  context: BuildContext,
  names: readonly string[],
  find: (text: string) => string | undefined,
  limit: number,
): Promise<string | undefined> {
  for (const name of names) {
    const found = find(await textOf(context, name, limit));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A worker behind a guard that made no call made no guest. */
function guestsOf({ build, flow }: BuildContext, evidence: Evidence | undefined): Proof['guests'] {
  if (evidence) {
    const { created, deleted, deployed, started } = evidence;
    return { created, deployed, started, deleted };
  }
  const backend = flow.settings.backends.find(({ name }) => name === build.slot?.backend);
  const isGuarded = backend?.driver.kind === 'feilong' && backend.driver.guard !== undefined;
  return isGuarded ? { created: 0, deployed: 0, started: 0, deleted: 0 } : undefined;
}
