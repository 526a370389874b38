import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openSession } from '../../openstack/openstack-session.ts';
import { startOpenstack } from '../../openstack/start-openstack.ts';
import { addImage } from './images.ts';
import { certificateFile, zvmDriver } from './settings.ts';
import { tempestConfiguration } from './tempest-configuration.ts';

const usage = 'usage: node lab/zvm/worker/main.ts --root DIR --logs DIR --tempest DIR';

/** On a test server: an OpenStack of its own whose servers are guests of z/VM, and tempest ready to test it. It runs on afterwards. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { root: { type: 'string' }, logs: { type: 'string' }, tempest: { type: 'string' } },
  });
  const { logs, root, tempest } = values;
  if (!root || !logs || !tempest) throw new Error(usage);
  await Promise.all([logs, join(root, 'nova/zvm-images'), tempest].map((folder) => mkdir(folder, { recursive: true })));
  const compute = zvmDriver(root, process.env);
  const certificate = process.env['GUARD_CERTIFICATE'];
  if (certificate !== undefined) await writeFile(certificateFile(root), certificate);
  console.log(`nova.conf: ${JSON.stringify(compute.settings)}`);
  const cloud = await startOpenstack({ root, logs, compute, endsWithStarter: false });
  await mkdir(join(root, 'nova/zvm-images'), { recursive: true });
  const admin = await openSession(cloud.authUrl, cloud.users.admin);
  const images = await Promise.all([addImage(admin, 'zvm-image'), addImage(admin, 'zvm-image-alt')]);
  await writeFile(join(tempest, 'tempest.conf'), tempestConfiguration(cloud, images, tempest));
  await writeFile(join(root, 'cloud.json'), JSON.stringify(cloud));
  console.log(`OpenStack at ${cloud.authUrl}, images ${images.join(' and ')}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
