import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';
import { openSession } from '../openstack/openstack-session.ts';
import { createServer, deleteServer, runOverSsh, untilHostKey, untilStatus } from '../openstack/raw-server.ts';
import type { OpenstackAddress } from '../openstack/start-openstack.ts';
import { addWorkerImage, workerImage } from './worker-image.ts';

/** A test server of the lab's OpenStack, booted beside sidegate. */
export interface WorkerServer {
  readonly address: string;
  /** Runs a phase of the job as sidegate would; answers its output, throws when it fails. */
  readonly runPhase: (name: string, environment: Readonly<Record<string, string>>) => Promise<string>;
  readonly run: (command: string) => Promise<string>;
  readonly remove: () => Promise<void>;
}

export async function bootWorker(openstack: OpenstackAddress): Promise<WorkerServer> {
  await addWorkerImage(openstack);
  const session = await openSession(openstack.authUrl, openstack);
  const { privateKey, publicKey } = generateSshKey('worker@lab');
  const keypair = { name: `worker-${Date.now()}`, public_key: publicKey };
  await session.ask('compute', 'POST /os-keypairs', { body: { keypair } });
  const { images } = await session.ask<{ images: { id: string }[] }>('image', `GET /v2/images?name=${workerImage}`);
  const wishes = { name: 'worker', key_name: keypair.name, imageRef: images[0]?.id };
  const id = await createServer(session, openstack, wishes);
  const { addresses } = await untilStatus(session, id, 'ACTIVE');
  const host = addresses[openstack.networks.lan.name]?.[0]?.addr ?? '';
  const login = { host, privateKey, hostKey: await untilHostKey(session, id) };
  const run = (command: string) => runOverSsh(login, command);
  return {
    address: host,
    run,
    runPhase: async (name, environment) => runPhase(run, name, environment),
    remove: async () => {
      await deleteServer(session, id);
      await session.ask('compute', `DELETE /os-keypairs/${keypair.name}`);
    },
  };
}

async function runPhase(
  run: WorkerServer['run'],
  name: string,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const script = await readFile(join(import.meta.dirname, 'job', `${name}.sh`), 'utf8');
  const folders = { SIDEGATE_WORKSPACE: '/root/workspace', SIDEGATE_ARTIFACTS: '/root/artifacts' };
  const exported = Object.entries({ ...folders, ...environment }).map(([key, value]) => `export ${key}='${value}'\n`);
  const text = `mkdir -p ${Object.values(folders).join(' ')}; cd /root/workspace\n${exported.join('')}${script}`;
  const encoded = Buffer.from(text).toString('base64');
  const output = await run(
    `echo ${encoded} | base64 -d >/root/phase; bash -eu -o pipefail /root/phase 2>&1; echo "ended $?"`,
  );
  if (!output.endsWith('ended 0\n')) throw new Error(`${name}: ${output.slice(-2000)}`);
  return output;
}
