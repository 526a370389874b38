import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { scrubbedLogs } from './scrubbed-logs.ts';
import { createSampleRows } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { SampleRows } from '../../src/adapters/sql/testing/sample-rows.ts';
import type { ImageBuildSettings, ServerLabel } from '../../src/domain/settings.ts';
import { plainLabel } from '../../src/domain/testing/labels.ts';
import type { JobEnd } from '../../src/domain/verdict.ts';
import type { Flow } from '../../src/flow/context.ts';
import type { Cloud, CloudImages, MarkedResource } from '../../src/ports/cloud.ts';
import type { RemoteJob } from '../../src/ports/remote-jobs.ts';
import { createLogger } from '../../src/shared/logger.ts';

/** Image builds on a real database and log archive; what cloud and servers answer is the test's own. */
export interface ImageFlow {
  readonly rows: SampleRows;
  readonly flow: Flow;
  /** Scripts that were followed on servers. */
  readonly followed: RemoteJob[];
  /** Glance ids that were deleted. */
  readonly deleted: string[];
  drop(): Promise<void>;
}

export interface Answers {
  readonly imageBuild?: Partial<ImageBuildSettings>;
  readonly images?: Partial<CloudImages>;
  readonly follow?: (job: RemoteJob) => Promise<JobEnd>;
  /** Host keys of the servers in the order they are booted. */
  readonly hostKeys?: readonly string[];
  readonly marked?: readonly MarkedResource[];
  readonly health?: ReturnType<Cloud['health']>['state'];
}

const imageBuild: ImageBuildSettings = { prepare: 'p', smoke: 's', timeout: 60_000, every: undefined, keep: 2 };

export async function prepareImageFlow(answers: Answers = {}): Promise<ImageFlow> {
  const rows = await createSampleRows();
  const self = await rows.addProcess();
  const directory = await mkdtemp(join(tmpdir(), 'image-flow-'));
  const followed: RemoteJob[] = [];
  const deleted: string[] = [];
  const label: ServerLabel = { ...plainLabel, imageBuild: { ...imageBuild, ...answers.imageBuild } };
  const flow = {
    self,
    store: rows.store,
    settings: { labels: [label], clouds: [], jobs: [], limits: { console: 1000, unreachable: 60_000 } },
    clouds: new Map([['ci', cloudWith(answers, deleted)]]),
    jobs: {
      checkLogin: async () => {},
      stop: async () => {},
      follow: async (_host: unknown, job: RemoteJob) => {
        followed.push(job);
        return (await answers.follow?.(job)) ?? { kind: 'exited', status: 0 };
      },
    },
    signals: { on: ringSoon },
    ...scrubbedLogs(directory),
    installation: randomUUID(),
    logsUrl: 'http://logs/',
    logger: createLogger('silent'),
  } as unknown as Flow;
  const booter = bootServers(flow, answers.hostKeys ?? []);
  return {
    rows,
    flow,
    followed,
    deleted,
    drop: async () => {
      await booter.stop();
      await rows.drop();
      await rm(directory, { recursive: true });
    },
  };
}

function cloudWith({ images, marked = [], health = 'closed' }: Answers, deleted: string[]) {
  return {
    health: () => ({ state: health, reason: '', until: undefined }),
    showServer: async () => ({ status: 'ACTIVE' }),
    listMarked: async () => marked.filter(({ id }) => !deleted.includes(id)),
    deleteMarked: async ({ id }: MarkedResource) => void deleted.push(id),
    images: {
      ensureSnapshot: async () => 'glance-id',
      showImage: async (id: string) => ({ id, name: '', status: 'active' }),
      deleteImage: async (id: string) => void deleted.push(id),
      ...images,
    },
  };
}

/** Every signal comes after a moment. */
function ringSoon(_topic: string, listener: () => void): () => void {
  const timer = setTimeout(listener, 10);
  return () => clearTimeout(timer);
}

/** Makes each server that is ordered ready, in the place of `boot-servers`. */
function bootServers({ store, self }: Flow, hostKeys: readonly string[]) {
  const stopping = new AbortController();
  let booted = 0;
  const work = (async () => {
    while (!stopping.signal.aborted) {
      for (const { id } of await store.serversToBoot(self, [])) {
        await store.saveNovaId(id, `nova-${booted}`);
        await store.saveServerReady(id, '127.0.0.1', [hostKeys[booted] ?? `ssh-ed25519 ${id}`]);
        booted += 1;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  return {
    stop: async () => {
      stopping.abort();
      await work;
    },
  };
}
