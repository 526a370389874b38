import { randomUUID } from 'node:crypto';
import { launchDurableBuilds } from './adapters/dbos/dbos-builds.ts';
import { createDirectoryArchive } from './adapters/logs/directory-archive.ts';
import { createScrubDigest } from './adapters/logs/scrub-digest.ts';
import { createScrubbedArchive } from './adapters/logs/scrubbed-archive.ts';
import { joinProcesses } from './adapters/sql/membership.ts';
import { createRackHosts } from './adapters/sql/rack-hosts.ts';
import { createSqlStatus } from './adapters/sql/status/sql-status.ts';
import { createSqlStore } from './adapters/sql/sql-store.ts';
import { createSshRemoteJobs } from './adapters/ssh/ssh-remote-jobs.ts';
import { keypairOf, loadServerKey } from './adapters/ssh/server-key.ts';
import type { Configuration } from './config/configuration.ts';
import { knownSecrets } from './config/scrub.ts';
import { openDatabase } from './database.ts';
import type { Database } from './database.ts';
import { errorText } from './domain/errors.ts';
import { SignatureMatcher } from './domain/signatures/match-log.ts';
import { createScrubLines } from './domain/scrub/scrubber.ts';
import type { Flow } from './flow/context.ts';
import { decideReport } from './flow/decide-report.ts';
import { drainBackend } from './flow/drain-backend.ts';
import { enqueueChange } from './flow/enqueue-change.ts';
import { requestHold } from './flow/request-hold.ts';
import { resumeReports } from './flow/resume-reports.ts';
import { runBuild } from './flow/run-build.ts';
import { createStoredArchive } from './flow/stored-archive.ts';
import { createStoredLogs } from './flow/stored-logs.ts';
import { startLoops } from './loops.ts';
import { createNeighbours } from './neighbours.ts';
import type { DurableBuilds } from './ports/durable-builds.ts';
import { throttle } from './shared/throttle.ts';
import type { Logger } from './shared/logger.ts';
import { createWebServer } from './web/server.ts';
import type { Operator, WebServer } from './web/server.ts';

export interface Service {
  /** Address of the status page. */
  readonly url: string;
  /** Rejects when the service cannot go on. */
  readonly lost: Promise<never>;
  stop(): Promise<void>;
}

/** Pages learn about new console at most this often (ms). */
const consolePause = 300;

/** The one place where everything is wired and started; `stop` undoes it in reverse order. Builds in flight go on elsewhere or at the next start. */
export async function startService(configuration: Configuration, logger: Logger): Promise<Service> {
  const started = new AsyncDisposableStack();
  try {
    const self = randomUUID();
    const { settings, web, logs } = configuration;
    const database = await openDatabase(configuration, logger);
    started.defer(() => database.close());
    const store = createSqlStore(database.pool);
    const membership = await joinProcesses(database.url, database.pool, self, logger);
    started.defer(() => membership.leave());

    const key = await loadServerKey(configuration.ssh.privateKeyFile, configuration.state.directory);
    const scrubbed = createScrubbedArchive(
      createDirectoryArchive(logs.directory),
      createScrubLines(logs.scrub, [...knownSecrets(configuration), key.privateKey], createScrubDigest(key.privateKey)),
    );
    const jobs = createSshRemoteJobs(key.privateKey);
    started.defer(() => jobs.close());
    const installation = await store.installationId();
    const tellPages = throttle(() => void membership.signals.send('status').catch(() => {}), consolePause);

    const builds = laterBuilds();
    const flow: Flow = {
      self,
      settings,
      store,
      signals: membership.signals,
      ...createNeighbours(configuration, createRackHosts(database.pool), logger),
      jobs,
      builds,
      active: new Set(),
      signatures: new SignatureMatcher(settings.signatures),
      ...scrubbed,
      keypair: keypairOf(key, installation),
      installation,
      logsUrl: `${web.publicUrl}/logs/`,
      statusUrl: `${web.publicUrl}/`,
      logger,
      consoleGrew: tellPages,
    };
    await store.saveConfiguredSlots(settings.backends);
    const durable = await launchDurableBuilds({
      url: database.url,
      self,
      logger,
      run: (id, step) => runBuild(flow, id, step),
    });
    started.defer(() => durable.close());
    builds.use(durable);

    const loops = startLoops(flow, membership, durable);
    started.defer(() => loops.stop());
    const server = createWeb(configuration, { database, flow, logger });
    const { url } = await server.start();
    started.defer(() => server.stop());
    logger.info({ url, process: self }, 'sidegate is running');
    return { url, lost: membership.lost, stop: () => started.disposeAsync() };
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

interface WebNeeds {
  readonly database: Database;
  readonly flow: Flow;
  readonly logger: Logger;
}

function createWeb(configuration: Configuration, { database, flow, logger }: WebNeeds): WebServer {
  const { settings, web, logs } = configuration;
  const { objects, signals, store } = flow;
  const storedLogs = objects && createStoredLogs(objects, store);
  const archive = storedLogs ? createStoredArchive(flow.archive, storedLogs) : flow.archive;
  return createWebServer({
    status: createSqlStatus({
      db: database.pool,
      archive,
      signals,
      settings: { ...settings, uploadPlace: objects?.place },
    }),
    archive,
    storedLogs,
    logsRoot: logs.directory,
    ...web,
    health: healthCheck(database.pool),
    heldReports: () => store.heldReports(),
    stoppedJobs: () => store.stoppedJobs(),
    operator: operatorOf(configuration, flow),
    log: logger,
  });
}

function operatorOf({ settings, web }: Configuration, { reviews, store }: Flow): Operator | undefined {
  if (web.operatorPassword === undefined) return undefined;
  return {
    password: web.operatorPassword,
    maxTtl: settings.hold.maxTtl,
    requestHold: (request) => requestHold({ store, settings }, request),
    endHold: (id, by) => store.endHold(id, by),
    drainBackend: (request) => drainBackend(store, request),
    resumeBackend: (backend) => store.resumeBackend(backend),
    enqueue: (request) => enqueueChange({ store, reviews }, request),
    decideReport: (request) => decideReport(store, request),
    resumeReports: (request) => resumeReports(store, request),
  };
}

/** Builds and flow need each other: the flow gets a stand-in that is filled before any loop runs. */
function laterBuilds(): DurableBuilds & { use(builds: DurableBuilds): void } {
  let builds: DurableBuilds | undefined;
  return {
    start: (id, epoch) => builds!.start(id, epoch),
    resume: (ids) => builds!.resume(ids),
    use: (durable) => {
      builds = durable;
    },
  };
}

function healthCheck(pool: { query(text: string): Promise<unknown> }) {
  return async () => {
    const database = await pool.query('select 1').then(
      () => 'ok',
      (error: unknown) => errorText(error),
    );
    return { ok: database === 'ok', checks: { database } };
  };
}
