import { readFileSync } from 'node:fs';
import { pushChange } from '../../../lab/gerrit/push-change.ts';
import type { PushedPatchset } from '../../../lab/gerrit/push-change.ts';
import type { World } from './world.ts';

const subunit = readFileSync(new URL('../../../examples/zvm-driver/subunit.mjs', import.meta.url), 'utf8');
const fetchScript = readFileSync(new URL('../../../jobs/shared/fetch.sh', import.meta.url), 'utf8');

/** Job whose test phase is the file `run.sh` of the change itself: the code under test may do what it wants. */
export const ownScriptJob = {
  name: 'story',
  label: 'small',
  backend: 'shared',
  timeout: '2m',
  attempts: 3,
  test_results: 'testrepository.subunit',
  phases: [
    { name: 'fetch', run: fetchScript },
    { name: 'test', run: 'exec bash -eu source/run.sh' },
  ],
};

/** A line of `run.sh` that reports tests: name to subunit status. */
export function report(tests: Readonly<Record<string, string>>): string {
  return `node source/report.mjs '${JSON.stringify(tests).replaceAll("'", String.raw`'\''`)}'`;
}

export const reportGood = report({ 'story.test': 'success' });

const reportProgram = `import { openSync } from 'node:fs';
import { SubunitWriter } from './subunit.mjs';
const results = new SubunitWriter(openSync(process.env.SIDEGATE_ARTIFACTS + '/testrepository.subunit', 'a'));
for (const [name, status] of Object.entries(JSON.parse(process.argv[2]))) {
  results.status(name, 'inprogress');
  results.status(name, status);
}
`;

export function pushScript(
  world: World,
  script: readonly string[],
  message: { subject?: string; body?: string } = {},
): Promise<PushedPatchset> {
  return pushChange({
    url: world.gerrit.url,
    username: 'dev',
    password: world.gerrit.accounts.dev.password,
    project: 'openstack/nova',
    subject: 'A change with a script',
    ...message,
    files: {
      'run.sh': `${script.join('\n')}\n`,
      'report.mjs': reportProgram,
      'subunit.mjs': subunit,
      salt: String(Math.random()),
    },
  });
}
