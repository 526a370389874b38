import { oneLine } from '../domain/sanitize.ts';
import { isPatchset, testedName } from '../domain/tested-ref.ts';
import type { TestedRef } from '../domain/tested-ref.ts';
import type { BuildRow } from '../ports/status.ts';
import { sleep } from '../shared/clock.ts';

const pause = 250;

/** Tells in plain words, a line for each thing that happens, what the builds are doing. Ends when the signal fires. */
export async function showProgress(statusUrl: string, say: (text: string) => void, signal: AbortSignal): Promise<void> {
  const told = new Map<string, string>();
  while (!signal.aborted) {
    for (const build of await readBuilds(statusUrl)) {
      const text = describe(build);
      if (told.get(build.id) === text) continue;
      told.set(build.id, text);
      say(`  ${nameOf(build.tested)}: ${oneLine(text, 400)}`);
    }
    await sleep(pause, signal);
  }
}

function nameOf(tested: TestedRef): string {
  if (!isPatchset(tested)) return testedName(tested);
  return `change ${tested.number},${tested.patchset} “${oneLine(tested.subject, 200)}”`;
}

async function readBuilds(statusUrl: string): Promise<readonly BuildRow[]> {
  try {
    const response = await fetch(`${statusUrl}/api/builds?limit=20`);
    return ((await response.json()) as BuildRow[]).toReversed();
  } catch {
    // The service may be stopping; the next round or the end of the demo tells.
    return [];
  }
}

const steps = {
  boot: 'a test server boots',
  sweep: 'the slot is swept',
  run: 'the job runs',
  collect: 'logs are collected',
  judge: 'the result is judged',
};

function describe({ state, step, phase, waitingFor, server, prefix, backend, result, reason }: BuildRow): string {
  if (state === 'queued') return `waits for ${waitingFor}`;
  if (state === 'done') return `${result} – ${reason}`;
  const where = [server, backend && `prefix ${prefix} on ${backend}`].filter(Boolean).join(', ');
  return `${step ? steps[step] : 'starts'}${phase ? `, phase ${phase}` : ''}${where ? ` (${where})` : ''}`;
}
