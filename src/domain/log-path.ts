import { SidegateError } from './errors.ts';

/** Name of the console in a build's log folder, as Zuul names it. */
export const consoleFile = 'job-output.txt';

/** Says when each part of the console was written. */
export const consoleTimesFile = 'job-output.times';

/** What the cloud shows as the console of a test server that broke in the middle of its job. */
export const serverConsoleFile = 'server-console.txt';

/** Name of the file that says what was tested, where and how. */
export const buildInfoFile = 'build.json';

/** Name of the file that says what was really tested. */
export const proofFile = 'proof.json';

/** The same as Zuul writes it, for tools that read its logs. */
export const inventoryFile = 'zuul-info/inventory.yaml';

/** Name of the file that says which others there are, as Zuul names it. */
export const manifestFile = 'zuul-manifest.json';

/** JUnit's XML of the tests. */
export const junitFile = 'junit.xml.gz';

/** Name of the file that says how much was hidden in the others. */
export const hiddenFile = 'hidden.json';

/** Calls of the worker to Feilong as its guard saw them: a line each for people, and as JSON. */
export const feilongTraceFile = 'feilong-calls.txt';
export const feilongCallsFile = 'feilong-calls.jsonl';

/** The worker's place on z/VM, that z/VM itself, and the guests there before the job and after it. */
export const slotFile = 'zvm/slot.json';
export const hostFile = 'zvm/host.json';
export const guestsBeforeFile = 'zvm/guests-before.json';
export const guestsAfterFile = 'zvm/guests-after.json';

/** Of a patchset, or of a commit that no change started. */
export type LogFolder = LogOwner & {
  readonly pipeline: string;
  readonly job: string;
  /** UUID of the build. */
  readonly build: string;
};

type LogOwner = { readonly change: number; readonly patchset: number } | { readonly revision: string };

const maxPath = 1024;
const maxName = 255;

/** `45/12345/2/check/JOB/0a1b2c3/`, or `0a/0a1b…/periodic/JOB/0a1b2c3/`: the log folder of a build, in the tree OpenStack people know. */
export function buildLogPath(folder: LogFolder): string {
  const { pipeline, job, build } = folder;
  if (!/^\w{1,100}$/.test(pipeline)) throw refused(`pipeline ${shown(pipeline)}`);
  if (!/^\w[\w.-]{0,199}$/.test(job)) throw refused(`job ${shown(job)}`);
  if (!/^[0-9a-f]{7}[0-9a-f-]{0,29}$/.test(build)) throw refused(`build ${shown(build)}`);
  return `${ownerPath(folder)}/${pipeline}/${job}/${build.slice(0, 7)}/`;
}

function ownerPath(owner: LogOwner): string {
  if ('revision' in owner) {
    if (!/^[0-9a-f]{40}$/.test(owner.revision)) throw refused(`commit ${shown(owner.revision)}`);
    return `${owner.revision.slice(0, 2)}/${owner.revision}`;
  }
  const { change, patchset } = owner;
  if (!isCount(change) || !isCount(patchset)) throw refused(`change ${change},${patchset}`);
  return `${String(change % 100).padStart(2, '0')}/${change}/${patchset}`;
}

/** `boot-failures/2026-11-22/SERVER.txt`: console of a server that did not boot. Its name is one of ours. */
export function bootLogPath(server: string, createdAt: number): string {
  return `boot-failures/${new Date(createdAt).toISOString().slice(0, 10)}/${server}.txt`;
}

/** The names a relative path consists of. Throws `path-refused` for one that is no plain path below the archive. */
export function logPathNames(path: string): readonly string[] {
  if (path.length > maxPath) throw refused(`a path of ${path.length} characters`);
  const names = path.split('/');
  if (!names.every(isPlainName)) throw refused(shown(path));
  return names;
}

/** True for a name that stays in its folder on every file system and in every terminal. */
export function isPlainName(name: string): boolean {
  if (name === '' || name === '.' || name === '..') return false;
  return name.length <= maxName && name.isWellFormed() && !/[\p{Cc}\p{Zl}\p{Zp}/\\]/u.test(name);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}

function refused(what: string): SidegateError {
  return new SidegateError('path-refused', what);
}

function shown(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
