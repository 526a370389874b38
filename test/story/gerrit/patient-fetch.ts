import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';

interface Configuration {
  readonly jobs: readonly { readonly phases: readonly { readonly name: string; readonly run: string }[] }[];
}

/**
 * Makes the jobs' phase `fetch` wait for a Gerrit that is down. The shipped script gives up after some seconds, which ends a build
 * that Gerrit's crash hit in this phase without a vote; here a crash is not to change a verdict.
 */
export async function waitForGerritInFetch(configFile: string): Promise<void> {
  const configuration = parse(await readFile(configFile, 'utf8')) as Configuration;
  const jobs = configuration.jobs.map((job) => ({
    ...job,
    phases: job.phases.map((phase) => (phase.name === 'fetch' ? { ...phase, run: patiently(phase.run) } : phase)),
  }));
  await writeFile(configFile, stringify({ ...configuration, jobs }));
}

function patiently(script: string): string {
  return [
    "cat >fetch.sh <<'END_OF_FETCH_FILE'",
    script,
    'END_OF_FETCH_FILE',
    'for round in $(seq 20); do',
    '  if bash -eu -o pipefail fetch.sh; then exit 0; fi',
    '  sleep 1',
    'done',
    'exit 1',
  ].join('\n');
}
