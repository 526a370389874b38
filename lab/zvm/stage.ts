import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { labelOf } from '../../test/story/cloud/cloud-stage.ts';
import { lookAt, remains, until } from '../../test/story/world/look.ts';
import type { ChangeView, Remains } from '../../test/story/world/look.ts';
import { startWorld } from '../../test/story/world/world.ts';
import type { World } from '../../test/story/world/world.ts';
import { addImage, createGuest, guestsOf, imagesOf } from '../feilong/ask-feilong.ts';
import type { Release } from '../feilong/releases.ts';
import { startFeilong } from '../feilong/start-feilong.ts';
import type { AskedFeilong } from '../feilong/ask-feilong.ts';
import type { RealFeilong } from '../feilong/start-feilong.ts';
import { labGerrit } from '../gerrit/lab-gerrit.ts';
import type { PushedPatchset } from '../gerrit/push-change.ts';
import type { RealGerrit } from '../gerrit/start-gerrit.ts';
import { addressesOf } from '../openstack/bridge.ts';
import { labCloud } from '../openstack/lab-cloud.ts';
import { labOpenstack } from '../openstack/lab-openstack.ts';
import type { RealOpenstack } from '../openstack/start-openstack.ts';
import { jobOf } from './job.ts';
import { addBranch, novaProject, pushDriver } from './nova-project.ts';
import type { Person } from './nova-project.ts';
import { adminToken, secure } from './secure.ts';
import type { Secured } from './secure.ts';
import { addWorkerImage, workerImage } from './worker-image.ts';

export interface ZvmBackend {
  readonly name: string;
  readonly kind: 'shared' | 'dedicated';
  readonly release: Release;
  readonly prefixes: readonly string[];
}

export interface StageOptions {
  readonly backends: readonly ZvmBackend[];
  /** Of tempest; `quick` when left out. */
  readonly tests?: string;
  /** Builds tried when infrastructure fails; 3 when left out. */
  readonly attempts?: number;
  /** Everything on the way to Feilong is encrypted, and Feilong wants a token. */
  readonly isSecured?: boolean;
}

export interface BuildView {
  readonly id: string;
  readonly reason: string | null;
  readonly cause: { readonly kind: string } | null;
  readonly result: string | null;
  readonly state: string;
  readonly phase: string | null;
  readonly error_code: string | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly backend: string;
  readonly server: string | null;
  readonly failed_tests: readonly string[];
  readonly passed: number | null;
  readonly failed: number | null;
  readonly log_path: string;
}

/** The whole picture on real parts: Gerrit, OpenStack, sidegate, and one Feilong for each back end, on which somebody else has guests too. */
export interface ZvmStage {
  readonly world: World;
  readonly openstack: RealOpenstack;
  readonly feilongs: readonly RealFeilong[];
  readonly propose: (edit: 'harmless' | 'breaking', person?: Person) => Promise<PushedPatchset>;
  /** Waits for the CI's comment. */
  readonly voted: (pushed: PushedPatchset) => Promise<ChangeView>;
  /** Attempts of a change, oldest first. */
  readonly builds: (pushed: PushedPatchset) => Promise<readonly BuildView[]>;
  /** A published file. */
  readonly log: (build: BuildView, name: string) => Promise<string>;
  /** Waits until nothing of ours is left anywhere, and says what is there of others. */
  readonly cleaned: () => Promise<readonly Foreign[]>;
  readonly close: () => Promise<void>;
}

export interface Foreign {
  readonly guests: readonly string[];
  readonly directory: readonly string[];
  readonly images: readonly string[];
}

/** A run with two workers' clouds on a small machine, and the minutes of others beside it (ms). */
export const patience = 600_000;

/** Of somebody else, though one begins almost as ours do. */
export const foreign: Foreign = {
  guests: ['LINUX01', 'ZABBIX'],
  directory: ['LINUX01', 'ZABBIX'],
  images: ['golden-image'],
};

export const isLab = labGerrit() !== undefined && labOpenstack() !== undefined;

export async function openZvmStage(options: StageOptions): Promise<ZvmStage> {
  const gerrit = labGerrit() as RealGerrit;
  const openstack = labOpenstack() as RealOpenstack;
  const [branch] = await Promise.all([addBranch(gerrit), addWorkerImage(openstack)]);
  const world = await startWorld({ gerrit, cloud: labCloud(openstack) });
  const feilongs: RealFeilong[] = [];
  const secured: Secured[] = [];
  const close = async () => {
    await tellErrors(world);
    await world.stopSidegates();
    await Promise.all(secured.map((one) => one.close()));
    // Before their folders, by which their processes are found, go with the world's.
    await Promise.all(feilongs.map((feilong) => feilong.stop()));
    await world.stop();
  };
  try {
    const address = `${addressesOf(openstack.place.bridge).lan}.1`;
    for (const { name, release } of options.backends) {
      const root = join(world.directory, name);
      const feilong = await startFeilong({ root, release, address, ...(options.isSecured && { adminToken }) });
      feilongs.push(feilong);
      if (options.isSecured) secured.push(await secure(feilong, root));
      await addForeign(asked(feilong));
    }
    await configure(world, options, { branch, feilongs, secured });
    return stageOf({ world, openstack, feilongs, close }, { gerrit, branch });
  } catch (error) {
    await close();
    throw error;
  }
}

/** A worker whose cloud does not come up fails a test with no more than the verdict: here is its console. */
async function tellErrors(world: World): Promise<void> {
  const { rows } = await world.database.pool.query<BuildView>(`select * from builds where result = 'ERROR'`);
  for (const { log_path: path } of rows) {
    const output = await readFile(join(world.directory, 'logs', path, 'job-output.txt'), 'utf8').catch(String);
    console.error(`${path}: ${output.slice(-6000)}`);
  }
}

function asked(feilong: RealFeilong): RealFeilong & AskedFeilong {
  return { ...feilong, adminToken: feilong.place.adminToken };
}

async function addForeign(feilong: RealFeilong & AskedFeilong): Promise<void> {
  for (const userid of foreign.guests) await createGuest(feilong, userid);
  for (const image of foreign.images) await addImage(feilong, image);
}

interface Tested {
  readonly branch: string;
  readonly feilongs: readonly RealFeilong[];
  /** Of each Feilong, or none. */
  readonly secured: readonly Secured[];
}

async function configure(
  world: World,
  { attempts = 3, backends, tests }: StageOptions,
  { branch, feilongs, secured }: Tested,
): Promise<void> {
  const configuration = parse(await readFile(world.config, 'utf8')) as object;
  const publicKeys = feilongs.map(({ publicKey }) => publicKey);
  await writeFile(
    world.config,
    stringify({
      ...configuration,
      labels: [labelOf(world.cloud, { image: workerImage, boot_timeout: '2m', max: 4 })],
      backends: backends.map(({ name, kind, prefixes }, index) => ({
        name,
        kind,
        url: feilongs[index]?.url,
        guard: { address: world.cloud.hostAddress, ...secured[index]?.guard },
        ...secured[index]?.backend,
        slots: prefixes.map((prefix) => ({ prefix })),
      })),
      jobs: [
        jobOf({
          label: 'small',
          backend: backends[0]?.kind ?? 'any',
          publicKeys,
          tests,
          attempts,
          certificate: secured[0]?.certificate,
        }),
      ],
      projects: [{ gerrit: 'review', project: novaProject, branches: [branch], pipelines: { check: ['zvm-tempest'] } }],
    }),
  );
}

function stageOf(
  parts: Pick<ZvmStage, 'world' | 'openstack' | 'feilongs' | 'close'>,
  { branch, gerrit }: { readonly branch: string; readonly gerrit: RealGerrit },
): ZvmStage {
  const { world, feilongs } = parts;
  return {
    ...parts,
    propose: (edit, person) => pushDriver(gerrit, branch, edit, person),
    voted: (pushed) =>
      until(
        () => lookAt(world, pushed),
        ({ comments }) => comments.length > 0,
        patience,
      ),
    builds: async ({ change }) => {
      const { rows } = await world.database.pool.query<BuildView>(
        `select b.* from builds b join buildsets s on s.id = b.buildset where s.change_number = $1 order by attempt`,
        [change],
      );
      return rows;
    },
    log: ({ log_path: path }, name) => readFile(join(world.directory, 'logs', path, name), 'utf8'),
    cleaned: async () => {
      await until(
        () => remains(world),
        (left) => isNothing(left),
        patience,
      );
      return Promise.all(feilongs.map((feilong) => foreignOf(asked(feilong))));
    },
  };
}

function isNothing({ servers, slots }: Remains): boolean {
  return servers.length === 0 && slots.length === 0;
}

async function foreignOf(feilong: RealFeilong & AskedFeilong): Promise<Foreign> {
  return {
    guests: (await guestsOf(feilong)).toSorted(),
    directory: await feilong.zvm.directory(),
    images: (await imagesOf(feilong)).toSorted(),
  };
}
