import { randomUUID } from 'node:crypto';
import { admit } from '../domain/admission.ts';
import type { Admission, Admitted, QueuedJob } from '../domain/admission.ts';
import type { QueuedBuild, Store } from '../ports/store.ts';
import type { Flow } from './context.ts';

/** Queued builds looked at in one round. */
const queueLimit = 500;

/** 4. Admit: gives waiting builds their test server and back-end slot together, and starts them. */
export async function admitBuilds(flow: Flow): Promise<void> {
  const admitted = await flow.store.transaction(async (tx) => {
    await tx.lock('admission');
    const queue = await tx.queuedBuilds(queueLimit);
    if (queue.length === 0) return [];
    const admission = admit(knownJobs(flow, queue), await readResources(flow, tx));
    for (const one of admission.admitted) await startBuild(flow, tx, one);
    // Nova must not be asked for a server whose row could be undone; the test servers that are there already are first touched when
    // the build is taken, and that is an ordinary commit.
    if (admission.admitted.every(({ server }) => server !== 'new')) await tx.commitLazily();
    await tx.saveWaiting(waitingReasons(flow, queue, admission));
    return admission.admitted;
  });
  // The rows are committed first: a crash here leaves running builds without a workflow, which `take-over` starts.
  await Promise.all(admitted.map(({ build }) => flow.builds.start(build)));
}

async function readResources(flow: Flow, tx: Store) {
  const servers = await tx.aliveServers();
  const slots = await tx.slots();
  return {
    labels: flow.settings.labels,
    backends: flow.settings.backends,
    servers: servers.map(({ id, label, state, build }) => ({
      id,
      label,
      ready: state === 'ready',
      free: build === undefined && (state === 'ready' || state === 'building'),
    })),
    freeSlots: slots.filter((slot) => slot.state === 'free'),
    sick: await tx.sickBackends(),
    runningPerProject: await tx.runningBuildsPerProject(),
  };
}

async function startBuild(flow: Flow, tx: Store, { build, server, label, slot }: Admitted): Promise<void> {
  const serverId = server === 'new' ? await orderServer(flow, tx, label) : server.id;
  await tx.startBuild({ buildId: build, owner: flow.self, serverId, slot });
}

/** Writes down that a server shall be booted; `boot-servers` does it. */
export async function orderServer(flow: Flow, tx: Store, labelName: string): Promise<string> {
  const label = flow.settings.labels.find(({ name }) => name === labelName);
  if (!label) throw new Error(`label ${labelName} is not configured`);
  const id = randomUUID();
  await tx.insertServer({
    id,
    cloud: label.cloud,
    label: label.name,
    name: `sidegate-${label.name}-${id.slice(0, 8)}`,
    owner: flow.self,
  });
  return id;
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
