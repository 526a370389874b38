import type { Membership } from './adapters/sql/membership.ts';
import { admitBuilds } from './flow/admit-builds.ts';
import { createServerBooter } from './flow/boot-servers.ts';
import { createImageKeeper } from './flow/build-images.ts';
import type { Flow, ReviewAccount } from './flow/context.ts';
import { decideEvents } from './flow/decide-events.ts';
import { createServerDeleter } from './flow/delete-servers.ts';
import { expireLogs } from './flow/expire-logs.ts';
import { keepStoredLogs } from './flow/keep-stored-logs.ts';
import { hearEvents } from './flow/hear-events.ts';
import { createGuardKeeper } from './flow/keep-guards.ts';
import { keepHolds } from './flow/keep-holds.ts';
import { createPoolKeeper } from './flow/keep-servers-ready.ts';
import { leaveClouds } from './flow/leave-clouds.ts';
import { readFiles } from './flow/read-files.ts';
import { postReports } from './flow/post-reports.ts';
import { releaseOrphans } from './flow/release-orphans.ts';
import { sendNotices } from './flow/send-notices.ts';
import { createPeriodicStarter } from './flow/start-periodic.ts';
import { createChangeSweeper } from './flow/sweep-changes.ts';
import { createLeftoverSweeper } from './flow/sweep-leftovers.ts';
import { createDependencyResolver } from './flow/resolve-dependencies.ts';
import { createSlotSweeper } from './flow/sweep-slots.ts';
import { createLogUploader } from './flow/upload-logs.ts';
import { createTakeOver } from './flow/take-over.ts';
import { createSettingsTeller } from './flow/tell-of-settings.ts';
import { createBackendWatch } from './flow/watch-backends.ts';
import { createCloudWatch } from './flow/watch-clouds.ts';
import { superviseLoop } from './shared/supervised-loop.ts';
import type { Loop } from './shared/supervised-loop.ts';

const second = 1000;

/**
 * What runs beside each other in a process, and what wakes it. All of it may run in several processes at once: rows are claimed and
 * decisions are made under locks. Only hearing has one process per Gerrit.
 */
export function startLoops(
  flow: Flow,
  membership: Membership,
  workflows: { prune(): Promise<void> },
): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const guards = createGuardKeeper(flow);
  const sweeper = createSlotSweeper(flow, signal);
  const loops: Loop[] = [
    ...[...flow.reviews.values()].flatMap((account) => gerritLoops(flow, membership, account, signal)),
    { name: 'decide', work: () => decideEvents(flow), wakeOn: ['events'], every: 5 * second },
    { name: 'read files', work: () => readFiles(flow), wakeOn: ['files'], every: 2 * second },
    { name: 'resolve dependencies', work: createDependencyResolver(flow), wakeOn: ['dependencies'], every: 2 * second },
    { name: 'admit', work: () => admitBuilds(flow), wakeOn: ['queue'], every: 2 * second },
    { name: 'boot servers', work: createServerBooter(flow), wakeOn: ['servers'], every: 2 * second },
    { name: 'delete servers', work: createServerDeleter(flow), wakeOn: ['servers'], every: 2 * second },
    { name: 'keep servers ready', work: createPoolKeeper(flow), wakeOn: ['servers'], every: 5 * second },
    { name: 'keep holds', work: () => keepHolds(flow), wakeOn: ['holds'], every: 5 * second },
    { name: 'keep images', work: createImageKeeper(flow), wakeOn: ['images'], every: 5 * second },
    { name: 'keep guards', work: () => guards.keep(), wakeOn: ['slots', 'servers'], every: second },
    { name: 'sweep slots', work: () => sweeper.begin(), wakeOn: ['slots'], every: 2 * second },
    { name: 'post reports', work: () => postReports(flow), wakeOn: ['reports'], every: second },
    { name: 'send notices', work: () => sendNotices(flow), wakeOn: [], every: 5 * second },
    { name: 'tell of settings', work: createSettingsTeller(flow), wakeOn: [], every: 600 * second },
    { name: 'upload logs', work: createLogUploader(flow, signal), wakeOn: [], every: 10 * second },
    { name: 'keep stored logs', work: () => keepStoredLogs(flow), wakeOn: [], every: 60 * second },
    { name: 'expire logs', work: () => expireLogs(flow), wakeOn: [], every: 60 * second },
    { name: 'watch clouds', work: createCloudWatch(flow), wakeOn: ['clouds'], every: 2 * second },
    { name: 'watch back ends', work: createBackendWatch(flow), wakeOn: [], every: second },
    { name: 'sweep leftovers', work: createLeftoverSweeper(flow), wakeOn: [], every: 60 * second },
    { name: 'leave clouds', work: () => leaveClouds(flow), wakeOn: [], every: 60 * second },
    { name: 'release orphans', work: () => releaseOrphans(flow), wakeOn: [], every: 60 * second },
    { name: 'take over', work: createTakeOver(flow), wakeOn: [], every: second },
    { name: 'prune workflows', work: () => workflows.prune(), wakeOn: [], every: 60 * second },
  ];
  const running = loops.map((loop) => superviseLoop(loop, { signals: flow.signals, signal, logger: flow.logger }));
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(running);
      await guards.stop();
      await sweeper.ended();
    },
  };
}

/** One of each for each Gerrit. */
function gerritLoops(flow: Flow, membership: Membership, account: ReviewAccount, signal: AbortSignal): readonly Loop[] {
  const { review } = account;
  const hear = async () => {
    if (await membership.tryLock(`hear ${review.name}`)) await hearEvents(flow, review, signal);
  };
  const sweep = `sweep changes of ${review.name}`;
  return [
    { name: `hear ${review.name}`, work: hear, wakeOn: [], every: second },
    {
      name: sweep,
      work: createChangeSweeper(flow, account, () => membership.tryLock(sweep)),
      wakeOn: [],
      every: second,
    },
    {
      name: `start periodic of ${review.name}`,
      work: createPeriodicStarter(flow, review),
      wakeOn: [],
      every: 5 * second,
    },
  ];
}
