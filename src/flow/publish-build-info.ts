import { carryOf } from '../domain/carry.ts';
import type { Ancestor } from '../domain/dependencies.ts';
import { buildInfoFile, inventoryFile } from '../domain/log-path.ts';
import { zuulInventory } from '../domain/zuul-inventory.ts';
import { workerPrefix } from '../domain/slot.ts';
import { isPatchset } from '../domain/tested-ref.ts';
import type { RemoteHost } from '../ports/remote-jobs.ts';
import type { BuildContext } from './run-build.ts';

/** Writes down beside the console what is tested, where and how: the proof that the right change ran on the right back end. */
export async function publishBuildInfo({ flow, build, job }: BuildContext, host: RemoteHost): Promise<void> {
  const { dependencies, tested, slot } = build;
  const carry = carryOf(dependencies, build.job);
  const info = {
    build: build.id,
    attempt: build.attempt,
    pipeline: build.pipeline,
    job: build.job,
    phases: job.phases.map(({ name }) => name),
    started: new Date(build.startedAt).toISOString(),
    project: tested.project,
    branch: tested.branch,
    change: isPatchset(tested) ? tested.number : null,
    patchset: isPatchset(tested) ? tested.patchset : null,
    ref: tested.ref,
    revision: tested.revision,
    dependencies: dependencies.changes.map(toInfo),
    ancestors: dependencies.ancestors.map(toInfo),
    ignoredDependencies: dependencies.ignored,
    carried: (carry?.changes ?? []).map((change) => ({ ...toInfo(change), reason: change.reason })),
    notCarried: carry?.left ?? [],
    server: { address: host.address, label: job.label },
    slot: slot ? { ...slot, prefix: workerPrefix(slot) } : null,
  };
  await flow.archive.write(`${build.logPath}${buildInfoFile}`, `${JSON.stringify(info, null, 2)}\n`);
  const inventory = zuulInventory(build, { address: host.address, label: job.label });
  await flow.archive.write(`${build.logPath}${inventoryFile}`, `${JSON.stringify(inventory, null, 2)}\n`);
}

function toInfo({ project, number: change, patchset, revision, url }: Omit<Ancestor, 'isOutdated'>) {
  return { project, change, patchset, revision, url };
}
