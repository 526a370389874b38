import { randomUUID } from 'node:crypto';
import { DBOS } from '@dbos-inc/dbos-sdk';
import type { DurableBuilds, RunStep } from '../../ports/durable-builds.ts';
import type { Logger } from '../../shared/logger.ts';

/** Raise it when the steps of the workflow change in a way that a half-done one cannot be continued with. */
const workflowVersion = 'build-2';
/** Workflows left by dead processes are put on this queue; any live process of this version takes them. */
const takeOverQueue = 'take-over';
/** A build is taken over as often as processes die; DBOS would give up after a hundred. */
const maxRecoveryAttempts = 1_000_000;
const poolSize = 4;
/** Finished workflows are deleted after this (ms): DBOS keeps them for ever, and what people ask about is in our own tables. */
const keptFor = 10 * 60_000;

export interface DbosOptions {
  readonly url: string;
  /** Id of this process: fresh at each start, so that DBOS recovers nothing by itself and `take-over` decides. */
  readonly self: string;
  readonly logger: Logger;
  readonly run: (buildId: string, step: RunStep) => Promise<void>;
}

/** The build workflow on DBOS. DBOS is one per operating-system process. */
export async function launchDurableBuilds({
  url,
  self,
  logger,
  run,
}: DbosOptions): Promise<DurableBuilds & { prune(): Promise<void>; close(): Promise<void> }> {
  const workflow = DBOS.registerWorkflow((buildId: string) => run(buildId, runStep), {
    name: 'build',
    maxRecoveryAttempts,
  });
  DBOS.setConfig({
    name: 'sidegate',
    systemDatabaseUrl: withLazyCommits(url),
    systemDatabasePoolSize: poolSize,
    systemDatabaseIdleTransactionTimeoutMs: 0,
    useListenNotify: false,
    executorID: self,
    applicationVersion: workflowVersion,
    logger: quiet(logger),
  });
  await DBOS.launch();
  await DBOS.registerQueue(takeOverQueue, { minPollingIntervalMs: 250 });

  const start = async (buildId: string, epoch = 0) => {
    // One that was taken before went back to the queue: its first workflow has ended.
    const workflowID = epoch === 0 ? buildId : `${buildId}~${epoch}`;
    await DBOS.startWorkflow(workflow, { workflowID })(buildId);
  };
  const startAgain = async (buildId: string) => {
    await DBOS.startWorkflow(workflow, { workflowID: `${buildId}~${randomUUID()}` })(buildId);
  };
  return {
    start,
    resume: async (buildIds) => {
      for (const buildId of buildIds) {
        const status = await DBOS.getWorkflowStatus(buildId);
        if (!status) await start(buildId);
        else if (ended.has(status.status)) await startAgain(buildId);
        else await DBOS.resumeWorkflows([buildId], { queueName: takeOverQueue });
      }
    },
    prune: async () => {
      const endTime = new Date(Date.now() - keptFor).toISOString();
      const finished = await DBOS.listWorkflows({
        status: ['SUCCESS', 'ERROR', 'CANCELLED'],
        endTime,
        limit: 500,
        loadInput: false,
        loadOutput: false,
      });
      if (finished.length > 0) await DBOS.deleteWorkflows(finished.map(({ workflowID }) => workflowID));
    },
    close: () => DBOS.shutdown(),
  };
}

/** A workflow that ended while its build still runs was broken by something that is not the build's: its steps may run again. */
const ended: ReadonlySet<string> = new Set(['SUCCESS', 'ERROR', 'CANCELLED', 'MAX_RECOVERY_ATTEMPTS_EXCEEDED']);

/**
 * What DBOS notes may be undone when PostgreSQL crashes: a workflow without a trace is started again from our tables, a step without a
 * result runs again, and each step may. Waiting for the disk after each step would be half of the time of a short build.
 */
function withLazyCommits(url: string): string {
  const lazy = new URL(url);
  const options = lazy.searchParams.get('options');
  lazy.searchParams.set('options', [options, '-c synchronous_commit=off'].filter((part) => part !== null).join(' '));
  return lazy.toString();
}

const runStep: RunStep = (name, work) => DBOS.runStep(work, { name });

/** DBOS tells every start and recovery at info; here that is for developers. */
function quiet(logger: Logger) {
  const at = (level: 'debug' | 'warn' | 'error') => (message: unknown) =>
    logger[level]({ from: 'dbos' }, String(message));
  return { info: at('debug'), debug: at('debug'), warn: at('warn'), error: at('error') };
}
