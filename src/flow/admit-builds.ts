import { admit } from '../domain/admission.ts';
import type { Admission, Admitted, QueuedJob, Resources } from '../domain/admission.ts';
import { errorText } from '../domain/errors.ts';
import type { BuildLease, BuildStart, QueuedBuild } from '../ports/build-store.ts';
import type { NewServer } from '../ports/server-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';
import { readBackends } from './read-backends.ts';
import { inConfiguredClouds, newServer, readPlacement } from './order-server.ts';

/** Queued builds looked at in one round. */
const queueLimit = 500;

/** 4. Admit: gives waiting builds their test server and back-end slot together, and starts them. */
export async function admitBuilds(flow: Flow): Promise<void> {
  const builds = await flow.store.transaction(async (tx) => {
    await tx.lock('admission');
    const queue = await tx.queuedBuilds(queueLimit);
    if (queue.length === 0) return [];
    const jobs = knownJobs(flow, queue);
    const admission = admit(jobs, await readResources(flow, tx, jobs));
    const started = await startBuilds(flow, tx, admission.admitted);
    // Nova must not be asked for a server whose row could be undone; the test servers that are there already are first touched when
    // the build is taken, and that is an ordinary commit.
    if (admission.admitted.every(({ server }) => 'id' in server)) await tx.commitLazily();
    await tx.saveWaiting(waitingReasons(flow, queue, admission));
    return started;
  });
  // The rows are committed first: a crash here leaves running builds without a workflow, which `take-over` starts. Builds that were
  // queued meanwhile need not wait for it.
  for (const lease of builds) void startWorkflow(flow, lease);
}

async function startWorkflow({ builds, logger }: Flow, { buildId: build, epoch }: BuildLease): Promise<void> {
  try {
    await builds.start(build, epoch);
  } catch (error) {
    logger.warn({ build, err: errorText(error) }, 'the workflow of a build could not be started');
  }
}

async function readResources(flow: Flow, tx: Store, queue: readonly QueuedJob[]): Promise<Resources> {
  const groups = inConfiguredClouds(flow, await tx.serverGroups());
  const serverCounts = new Map<string, number>();
  for (const { label, count } of groups) serverCounts.set(label, (serverCounts.get(label) ?? 0) + count);
  const labels = [...new Set(queue.map(({ job }) => job.label))];
  const slots = await tx.slots();
  return {
    labels: flow.settings.labels,
    backends: flow.settings.backends,
    serverCounts,
    freeServers: await tx.freeServers({ labels, clouds: [...flow.clouds.keys()] }, queue.length),
    placement: await readPlacement(flow, tx, groups),
    freeSlots: slots.filter((slot) => slot.state === 'free'),
    ...(await readBackends(flow, tx)),
    runningPerProject: await tx.runningBuildsPerProject(),
  };
}

async function startBuilds(flow: Flow, tx: Store, admitted: readonly Admitted[]): Promise<readonly BuildLease[]> {
  const ordered: NewServer[] = [];
  const starts: BuildStart[] = [];
  for (const { build, server, label, slot } of admitted) {
    let serverId: string;
    if ('id' in server) serverId = server.id;
    else {
      const order = await newServer(flow, tx, { label, spot: server.spot, purpose: 'build' });
      ordered.push(order);
      serverId = order.id;
    }
    starts.push({ buildId: build, owner: flow.self, serverId, slot });
  }
  await tx.insertServers(ordered);
  const started = await tx.startBuilds(starts);
  // Those of builds that were cancelled a moment ago: the pool has not asked for them.
  const running = new Set(started.map(({ buildId }) => buildId));
  const needed = new Set(starts.filter(({ buildId }) => running.has(buildId)).map(({ serverId }) => serverId));
  for (const { id } of ordered)
    if (!needed.has(id)) await tx.releaseServer(id, { code: undefined, detail: 'Its build was cancelled.' });
  return started;
}

function knownJobs(flow: Flow, queue: readonly QueuedBuild[]): readonly QueuedJob[] {
  const jobs = new Map(flow.settings.jobs.map((job) => [job.name, job]));
  return queue.flatMap((build) => {
    const job = jobs.get(build.job);
    return job ? [{ ...build, job }] : [];
  });
}

function waitingReasons(flow: Flow, queue: readonly QueuedBuild[], { waiting }: Admission) {
  const known = new Set(flow.settings.jobs.map(({ name }) => name));
  const orphans = queue
    .filter(({ job }) => !known.has(job))
    .map(({ id, job }) => ({ buildId: id, reason: `the job ${job}, which is no longer configured` }));
  return [...orphans, ...waiting.map(({ build, reason }) => ({ buildId: build, reason }))];
}
