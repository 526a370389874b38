import type { TestedRef } from './tested-ref.ts';
import { isPatchset } from './tested-ref.ts';

interface InventoryBuild {
  readonly id: string;
  readonly attempt: number;
  readonly pipeline: string;
  readonly job: string;
  readonly tested: TestedRef;
}

/** What `zuul-info/inventory.yaml` holds, as far as it means something here: log scrapers learn from it what was tested. Written as JSON, which YAML includes. */
export function zuulInventory(
  { attempt, id, job, pipeline, tested }: InventoryBuild,
  { address, label }: { readonly address: string; readonly label: string },
): object {
  const { branch, project, ref, revision } = tested;
  const change = isPatchset(tested) ? { change: String(tested.number), patchset: String(tested.patchset) } : {};
  const zuul = {
    build: id.replaceAll('-', ''),
    pipeline,
    job,
    attempts: attempt,
    project: { name: project, short_name: project.split('/').at(-1) },
    branch,
    ref,
    commit_id: revision,
    ...change,
  };
  return { all: { hosts: { controller: { ansible_host: address, nodepool: { label } } }, vars: { zuul } } };
}
