import { afterEach, beforeEach, expect, test } from 'vitest';
import { prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import type { BackendSettings } from '../domain/settings.ts';
import { noArtifacts } from './collect-artifacts.ts';
import { judgeBuild } from './judge-build.ts';
import type { BuildContext } from './run-build.ts';

let builds: RunningBuilds;
let context: BuildContext;
beforeEach(async () => {
  builds = await prepareRunningBuilds();
  context = await builds.create({ jobs: {}, job: { testResults: 'testrepository.subunit' } });
});
afterEach(() => builds.drop());

const publish = (name: string, text: string) => context.flow.archive.write(`${context.build.logPath}${name}`, text);
const lineOf = (state: string, folder = 'source') => {
  const { branch, project, revision } = context.build.tested;
  return [folder, project, branch, 'b'.repeat(40), revision, state].join('\t');
};

/** A job whose tests all passed. */
function judge() {
  const collected = { ...noArtifacts, tests: { passed: 9, failed: 0, skipped: 0 }, testsIntact: true };
  return judgeBuild(context, {
    stopped: undefined,
    end: { ok: true, value: { kind: 'exited', status: 0 } },
    collected,
  });
}

async function stored() {
  const { rows } = await builds.rows.database.pool.query<{ proof: object }>(`select proof from builds where id = $1`, [
    context.build.id,
  ]);
  return rows[0]!.proof;
}

test('commits and driver are read from what the job published, and published with the result', async () => {
  await publish('zuul-info/checked-out.txt', `${lineOf('contained')}\n`);
  await publish('controller/logs/etc/nova/nova_conf.txt', '[DEFAULT]\ncompute_driver = zvm.ZVMDriver\n');
  await publish('controller/logs/screen-n-cpu.txt', "INFO Loading compute driver 'zvm.ZVMDriver'\n");

  const { result } = await judge();

  const proof = JSON.parse(await builds.publishedFile(context, 'proof.json')) as object;
  expect(result).toBe('SUCCESS');
  expect(proof).toMatchObject({
    commits: [
      { role: 'tested', commit: context.build.tested.revision, places: [{ folder: 'source', state: 'contained' }] },
    ],
    driver: { configured: 'zvm.ZVMDriver', loaded: 'zvm.ZVMDriver' },
  });
  expect(await stored()).toEqual(proof);
});

test('a job that tested something else is no success, whatever its tests say, and no failure of the change', async () => {
  await publish('zuul-info/checked-out.txt', `${lineOf('contained')}\n${lineOf('missing', '/opt/stack/nova')}\n`);

  const verdict = await judge();

  expect(verdict).toMatchObject({
    result: 'NODE_FAILURE',
    errorCode: 'tested-otherwise',
    cause: { kind: 'service', retry: false },
    reason: expect.stringContaining('is not in /opt/stack/nova, which is on bbbbbbbbbbbb') as string,
  });
});

test('a job that says nothing proves nothing, and is judged as ever', async () => {
  const { result } = await judge();

  expect(result).toBe('SUCCESS');
  expect(await stored()).toMatchObject({ commits: [{ places: [] }], driver: {} });
});

test('behind a guard, no call is no guest; without one nobody counted', async () => {
  await judge();
  const without = await stored();
  const backend = { name: 'lpar1', driver: { kind: 'feilong', guard: {} } } as unknown as BackendSettings;
  const settings = { ...context.flow.settings, backends: [backend] };
  context = { ...context, flow: { ...context.flow, settings } };

  await judge();

  expect(without).not.toHaveProperty('guests');
  expect(await stored()).toMatchObject({ guests: { created: 0, started: 0 } });
});
