import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { developerPassword } from '../demo/gerrit-seed.ts';
import { awaitVotes, judgeSample, propose } from '../demo/play-sample.ts';
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
  const sample = await startSample({
    directory: options.directory,
    bootDelay: options.once ? 300 : watchedBootDelay,
    pace: options.once ? 0 : watchedPace,
    say,
  });
  try {
    await play(sample, options, stopping.signal);
  } finally {
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
  for (const view of views) say(voteLine(view));
  if (options.once) {
    const result = await judgeSample(sample, changes, views);
    console.log(JSON.stringify(result));
    process.exitCode = result.ok ? 0 : 1;
  } else {
    say(
      `\nBoth changes have their votes. sidegate stays up; ask for another run with\n\n    npm start -- --recheck ${views[0]?.number ?? 1}\n\nCtrl-C stops everything.\n`,
    );
    await aborted(signal);
  }
  played.abort();
  await progress;
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
