import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { createDirectoryArchive } from '../adapters/logs/directory-archive.ts';
import { findBuildId } from '../adapters/sql/status/build-detail.ts';
import { filteredBuilds } from '../adapters/sql/status/build-status.ts';
import { loadConfiguration } from '../config/load.ts';
import { SidegateError, errorText } from '../domain/errors.ts';
import { testedName } from '../domain/tested-ref.ts';
import { oneLine } from '../domain/sanitize.ts';
import { SignatureMatcher } from '../domain/signatures/match-log.ts';
import type { Signature, SignatureHit } from '../domain/signatures/signature.ts';
import { createStoredArchive } from '../flow/stored-archive.ts';
import { createStoredLogs } from '../flow/stored-logs.ts';
import { trySignatures } from '../flow/try-signatures.ts';
import type { Tried } from '../flow/try-signatures.ts';
import type { RunningBuild } from '../ports/build-store.ts';
import { objectStore } from '../neighbours.ts';
import type { LogArchive } from '../ports/log-archive.ts';
import { withState } from './open-state.ts';
import type { State } from './open-state.ts';

interface TestOptions {
  readonly config: string;
  readonly limit: number;
  readonly json?: true;
}

/** Files and builds a signature was found in. */
interface Count {
  files: number;
  failed: number;
  passed: number;
}

type Counts = ReadonlyMap<string, Count>;

/** `sidegate signatures test [FILES or builds]`: what the signatures of today find in logs of yesterday. Without names: in the last builds. */
export async function testSignatures(names: readonly string[], options: TestOptions): Promise<void> {
  const files: string[] = [];
  const builds: string[] = [];
  for (const name of names) {
    if (await isFile(name)) files.push(name);
    else if (/^[0-9a-f]{7}[0-9a-f-]{0,29}$/.test(name)) builds.push(name);
    else throw new SidegateError('not-found', `${oneLine(name, 200)} is no file and no id of a build.`);
  }
  const { settings } = await loadConfiguration(options.config, process.env);
  const counts: Counts = new Map(settings.signatures.map(({ id }) => [id, { files: 0, failed: 0, passed: 0 }]));
  for (const file of files) await tryFile(file, settings.signatures, counts, options);
  if (files.length === 0 || builds.length > 0)
    await withState(options.config, (state) => tryBuilds(state, builds, counts, options));
  printCounts(counts, options);
}

async function isFile(name: string): Promise<boolean> {
  return stat(name).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** All signatures, whatever logs they are for: a file of a person may be called anything. */
async function tryFile(
  file: string,
  signatures: readonly Signature[],
  counts: Counts,
  { json }: TestOptions,
): Promise<void> {
  const log = new SignatureMatcher(signatures.map((one) => ({ ...one, logs: ['*'] }))).open(file);
  if (!log) return;
  const raw = createReadStream(file);
  const parts = file.endsWith('.gz') ? raw.pipe(createGunzip()) : raw;
  raw.on('error', (error) => parts.destroy(error));
  try {
    for await (const part of parts as AsyncIterable<Buffer>) log.push(part);
  } catch (error) {
    throw new SidegateError('not-found', `${oneLine(file, 300)} cannot be read: ${errorText(error)}`, { cause: error });
  }
  for (const hit of log.end()) {
    counts.get(hit.signature)!.files += 1;
    if (json) console.log(JSON.stringify({ file, ...hit }));
    else console.log(hitText(file, hit));
  }
}

function hitText(where: string, { lines, signature }: SignatureHit): string {
  return [`${oneLine(where, 300)}: ${signature}`, ...lines.map(({ line, text }) => `  ${line}: ${text}`)].join('\n');
}

/** Logs that are in the object store alone are read there. */
function archiveOf({ configuration, store }: State): LogArchive {
  const archive = createDirectoryArchive(configuration.logs.directory);
  const objects = objectStore(configuration);
  return objects ? createStoredArchive(archive, createStoredLogs(objects, store)) : archive;
}

async function tryBuilds(state: State, names: readonly string[], counts: Counts, options: TestOptions): Promise<void> {
  const { configuration, database, store } = state;
  const archive = archiveOf(state);
  const matcher = new SignatureMatcher(configuration.settings.signatures);
  const ids = names.length > 0 ? await idsOf(database.pool, names) : await lastBuilds(database.pool, options.limit);
  let others = 0;
  for (const id of ids) {
    const build = await store.findBuild(id);
    if (build?.state !== 'done') continue;
    const tried = await trySignatures(archive, matcher, build);
    const how = build.verdict?.result === 'SUCCESS' ? 'passed' : 'failed';
    for (const signature of new Set(tried.hits.map((hit) => hit.signature))) counts.get(signature)![how] += 1;
    if (tried.was !== tried.becomes) others += 1;
    printBuild(build, tried, options);
  }
  if (!options.json) console.log(`\n${ids.length} builds, ${others} would get another cause.`);
}

async function idsOf(db: State['database']['pool'], names: readonly string[]): Promise<readonly string[]> {
  const ids: string[] = [];
  for (const name of names) {
    const id = await findBuildId(db, name);
    if (id === undefined) throw new SidegateError('not-found', `No build, or more than one, begins with ${name}.`);
    ids.push(id);
  }
  return ids;
}

async function lastBuilds(db: State['database']['pool'], limit: number): Promise<readonly string[]> {
  if (!Number.isInteger(limit) || limit < 1)
    throw new SidegateError('options-invalid', '--limit must be a number of builds.');
  return (await filteredBuilds(db, { state: 'done', limit })).map(({ id }) => id);
}

function printBuild({ id, job, tested }: RunningBuild, tried: Tried, { json }: TestOptions): void {
  if (json) return console.log(JSON.stringify({ build: id, ...tried }));
  if (tried.was === tried.becomes) return;
  const by = tried.signature === undefined ? 'no signature' : tried.signature;
  console.log(`${id.slice(0, 7)}  ${testedName(tested)}  ${job}: ${tried.was} -> ${tried.becomes} (${by})`);
}

/** One that is found in builds that pass says little about those that fail. */
function printCounts(counts: Counts, { json }: TestOptions): void {
  if (json) return console.log(JSON.stringify({ counts: Object.fromEntries(counts) }));
  console.log(`\n${'signature'.padEnd(28)}  failed  passed  files`);
  for (const [id, { failed, files, passed }] of counts) {
    const doubt = passed > 0 ? '  found in builds that passed: too general?' : '';
    const numbers = [failed, passed, files].map((count, column) => String(count).padStart(column === 2 ? 5 : 6));
    console.log(`${id.padEnd(28)}  ${numbers.join('  ')}${doubt}`);
  }
}
