import { afterEach, beforeEach, expect, test } from 'vitest';
import { anyHost, prepareRunningBuilds } from '../../test/flow/running-builds.ts';
import type { RunningBuilds } from '../../test/flow/running-builds.ts';
import { collectArtifacts } from './collect-artifacts.ts';
import { publishBuildInfo } from './publish-build-info.ts';
import { publishManifest } from './publish-manifest.ts';
import type { BuildContext } from './run-build.ts';

let builds: RunningBuilds;
beforeEach(async () => {
  builds = await prepareRunningBuilds();
});
afterEach(() => builds.drop());

interface Entry {
  readonly name: string;
  readonly size?: number;
  readonly children?: readonly Entry[];
}

/** Path to size. */
function flat(tree: readonly Entry[], folder = ''): Readonly<Record<string, number | undefined>> {
  return Object.assign(
    {},
    ...tree.map(({ children, name, size }) =>
      children ? flat(children, `${folder}${name}/`) : { [folder + name]: size },
    ),
  ) as Record<string, number>;
}

const manifestOf = async (context: BuildContext) => {
  const { tree } = JSON.parse(await builds.publishedFile(context, 'zuul-manifest.json')) as { tree: readonly Entry[] };
  return flat(tree);
};

test('the manifest tells what lies there, also of a process that died over it', async () => {
  let calls = 0;
  const context = await builds.create({
    jobs: {
      collect: async (_host, _wanted, take) => {
        calls += 1;
        await take('controller/logs/a.log', Buffer.from('a'.repeat(calls)));
        // The first process ends here.
        if (calls === 1) throw new TypeError('killed');
        await take('b.log', Buffer.from('bb'));
        await take('zuul-manifest.json', Buffer.from('{"tree": [{"name": "not-there"}]}'));
        return [];
      },
    },
    limits: { artifactFiles: 10 },
  });
  const { flow, build } = context;
  await flow.archive.write(`${build.logPath}job-output.txt`, 'from the first process\n');
  await collectArtifacts(context, anyHost);
  await publishManifest(flow, build.logPath);
  const first = await manifestOf(context);

  await collectArtifacts(context, anyHost);
  await publishManifest(flow, build.logPath);
  const second = await manifestOf(context);
  await publishManifest(flow, build.logPath);

  expect(first).toEqual({ 'controller/logs/a.log': 1, 'job-output.txt': 23 });
  expect(second).toEqual({
    'b.log': 2,
    'controller/logs/a.log': 2,
    'job-output.txt': 23,
    'left-out.txt': (await builds.publishedBytes(context, 'left-out.txt')).length,
  });
  expect(await manifestOf(context)).toEqual(second);
});

test('a build that left nothing has none', async () => {
  const { flow, build } = await builds.create({ jobs: {} });

  await publishManifest(flow, build.logPath);

  expect(await flow.archive.list(build.logPath)).toEqual([]);
});

test('the inventory tells what was tested where Zuul’s does', async () => {
  const context = await builds.create({ jobs: {}, job: { label: 'devstack' } });

  await publishBuildInfo(context, anyHost);

  const { tested } = context.build;
  const inventory: unknown = JSON.parse(await builds.publishedFile(context, 'zuul-info/inventory.yaml'));
  expect(inventory).toMatchObject({
    all: {
      hosts: { controller: { ansible_host: anyHost.address, nodepool: { label: 'devstack' } } },
      vars: { zuul: { project: { name: tested.project }, ref: tested.ref, commit_id: tested.revision, job: 'job' } },
    },
  });
});
