import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { runCommand } from '../gerrit/run-command.ts';
import { goldenFolder } from '../openstack/golden.ts';
import { installedVersions } from '../openstack/packages.ts';
import { openSession } from '../openstack/openstack-session.ts';
import type { NovaDriver } from '../openstack/place.ts';
import { startOpenstack } from '../openstack/start-openstack.ts';
import type { OpenstackAddress } from '../openstack/start-openstack.ts';

export const workerImage = 'zvm-worker';

/** Any driver does to make the databases; the first start on a worker replaces its compute node by z/VM's. */
const stepIn: NovaDriver = { driver: 'fake.FakeDriver', settings: {} };

/** Debian's, used on the workers: a worker sees the host's. */
const shared = ['tempest', 'python3-subunit', 'subunit', 'genisoimage', 'python3-zvmcloudconnector', 'git', 'curl'];

/** What a test server needs of this repository, from its root. */
const sources = ['lab/openstack', 'lab/zvm/worker', 'lab/gerrit/run-command.ts'];

/**
 * Puts the image of the workers into the lab's Glance, once: provisioned databases, the programs that start an OpenStack on them, and node. The
 * lab's servers take an archive for what is on their disk.
 */
export async function addWorkerImage(openstack: OpenstackAddress): Promise<void> {
  const admin = await openSession(openstack.authUrl, openstack.users.admin);
  const { images } = await admin.ask<{ images: unknown[] }>('image', `GET /v2/images?name=${workerImage}`);
  if (images.length > 0) return;
  await installedVersions(shared);
  const archive = await buildArchive(await ensureGolden());
  const image = { name: workerImage, disk_format: 'raw', container_format: 'bare', visibility: 'public' };
  const { id } = await admin.ask<{ id: string }>('image', 'POST /v2/images', { body: image });
  await admin.ask('image', `PUT /v2/images/${id}/file`, { body: new Uint8Array(await readFile(archive)) });
}

/** The first time it takes a minute or two. */
async function ensureGolden(): Promise<string> {
  const golden = await goldenFolder(stepIn);
  if (existsSync(golden)) return golden;
  const root = await mkdtemp(join(tmpdir(), 'zvm-golden-'));
  try {
    const cloud = await startOpenstack({ root, compute: stepIn });
    await cloud.stop();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return golden;
}

/** Kept beside the golden folder it holds. */
async function buildArchive(golden: string): Promise<string> {
  const archive = `${golden}-worker-${await fingerprint()}.tar.gz`;
  if (existsSync(archive)) return archive;
  const work = await mkdtemp(join(dirname(golden), 'making-'));
  const disk = join(work, 'disk');
  const home = join(disk, 'opt/sidegate-lab');
  try {
    for (const source of sources) await cp(join(repository, source), join(home, source), { recursive: true });
    await writeFile(join(home, 'package.json'), '{ "type": "module" }\n');
    await cp(process.execPath, join(home, 'node'));
    await cp(golden, join(home, 'cache/sidegate-lab/openstack', basename(golden)), { recursive: true });
    await chmod(disk, 0o755);
    const options = ['--create', '--owner=0', '--group=0', '--use-compress-program=gzip -1'];
    await runCommand('tar', [...options, `--file=${join(work, 'archive')}`, `--directory=${disk}`, '.']);
    await rename(join(work, 'archive'), archive);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return archive;
}

const repository = join(import.meta.dirname, '../..');

async function fingerprint(): Promise<string> {
  const hash = createHash('sha256').update(process.version);
  for (const source of sources) {
    const path = join(repository, source);
    const files = source.endsWith('.ts') ? [''] : await readdir(path, { recursive: true });
    for (const file of files.toSorted()) hash.update(file).update(await readOr(join(path, file)));
  }
  return hash.digest('hex').slice(0, 12);
}

/** A folder has no content of its own. */
async function readOr(path: string): Promise<Buffer> {
  return readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EISDIR') return Buffer.alloc(0);
    throw error;
  });
}
