import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { developerPassword } from '../demo/gerrit-seed.ts';
import { awaitVotes, judgeSample, propose } from '../demo/play-sample.ts';
import type { ProposedChange } from '../demo/propose-changes.ts';
import type { GerritView } from '../demo/read-votes.ts';
import { startSample } from '../demo/sample.ts';
import type { Sample } from '../demo/sample.ts';
import { showProgress } from '../demo/show-progress.ts';
import { oneLine } from '../domain/sanitize.ts';

export interface DemoOptions {
  readonly once?: true;
  readonly json?: true;
  readonly directory: string;
  readonly recheck?: string;
}

/** With nobody watching the sample need not take its time (ms). */
const watchedPace = 400;
const watchedBootDelay = 2000;
/** How long both votes may take with `--once` (ms). */
const patience = 5 * 60_000;

/** `npm start`: the running sample. Progress goes to standard error, results to standard output. */
export async function demo(options: DemoOptions): Promise<void> {
  if (options.recheck !== undefined) return postRecheck(options.directory, options.recheck);
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => stopping.abort());
  // An interrupted sample proves nothing.
  process.exitCode = options.once ? 1 : 0;
  const sample = await startSample({
    directory: options.directory,
    bootDelay: options.once ? 300 : watchedBootDelay,
    pace: options.once ? 0 : watchedPace,
    say,
  });
  void sample.sidegate.ended.then(() => {
    if (stopping.signal.aborted) return;
    say(`sidegate has ended by itself; see ${join(sample.directory, 'sidegate.log')}`);
    process.exitCode = 1;
    stopping.abort();
  });
  try {
    await play(sample, options, stopping.signal);
  } finally {
    stopping.abort();
    say('Stopping …');
    await sample.stop();
  }
}

async function play(sample: Sample, options: DemoOptions, signal: AbortSignal): Promise<void> {
  await writeFile(
    join(sample.directory, 'demo.json'),
    JSON.stringify({ gerritUrl: sample.gerritUrl, statusUrl: sample.statusUrl }),
  );
  if (options.json)
    console.log(JSON.stringify({ ready: true, statusUrl: sample.statusUrl, gerritUrl: sample.gerritUrl }));
  say(
    `\n  Status page       ${sample.statusUrl}/\n  Simulated Gerrit  ${sample.gerritUrl}/\n  Configuration     ${sample.config}\n`,
  );
  const played = new AbortController();
  const progress = showProgress(sample.statusUrl, say, AbortSignal.any([signal, played.signal]));
  say('Two developers propose a change each to the example driver …');
  const changes = await propose(sample);
  const views = await awaitVotes(sample, changes, AbortSignal.any([signal, AbortSignal.timeout(patience)]));
  for (const view of views) if (view.comments.length > 0) say(voteLine(view));
  if (!signal.aborted) await (options.once ? finish(sample, changes, views) : stayUp(views, signal));
  played.abort();
  await progress;
}

/** `--once`: the result on standard output, the exit status for scripts. */
async function finish(sample: Sample, changes: readonly ProposedChange[], views: readonly GerritView[]): Promise<void> {
  const result = await judgeSample(sample, changes, views);
  console.log(JSON.stringify(result));
  process.exitCode = result.ok ? 0 : 1;
}

async function stayUp(views: readonly GerritView[], signal: AbortSignal): Promise<void> {
  const voted = views.every(({ comments }) => comments.length > 0);
  say(
    voted ? '\nBoth changes have their votes.' : '\nNot both changes have their votes yet; the status page shows why.',
  );
  say(
    `sidegate stays up; ask for another run with\n\n    npm start -- --recheck ${views[0]?.number ?? 1}\n\nCtrl-C stops everything.\n`,
  );
  await aborted(signal);
}

function voteLine({ number, votes, comments }: GerritView): string {
  const given = Object.entries(votes).map(([label, value]) => `${label} ${value > 0 ? '+' : ''}${value}`);
  return `\nGerrit shows on change ${number}: ${given.join(', ') || 'no vote'}\n${(comments.at(-1) ?? '').replaceAll(/^/gm, '    ')}`;
}

async function postRecheck(directory: string, change: string): Promise<void> {
  const file = join(resolve(directory), 'demo.json');
  const running = await readFile(file, 'utf8').catch(() => undefined);
  if (running === undefined) throw new Error(`no demo runs in ${resolve(directory)}`);
  const { gerritUrl } = JSON.parse(running) as { gerritUrl: string };
  const response = await fetch(`${gerritUrl}/a/changes/${encodeURIComponent(change)}/revisions/current/review`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Basic ${Buffer.from(`dev:${developerPassword}`).toString('base64')}`,
    },
    body: JSON.stringify({ message: 'recheck' }),
  });
  if (!response.ok) throw new Error(`Gerrit answers ${response.status}: ${oneLine(await response.text(), 200)}`);
  say(`Posted "recheck" on change ${change}.`);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) return done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
