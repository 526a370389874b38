import { readFile, writeFile } from 'node:fs/promises';
import { parse, stringify } from 'yaml';
import { postFault } from './cloud-under-test.ts';
import type { World } from './world.ts';

/** What goes wrong next on the cloud (simulators/openstack/README.md). */
export async function cloudFault(world: World, fault: object): Promise<void> {
  await postFault(world.cloud.authUrl, fault);
}

/** What goes wrong on z/VM and Feilong from now on (simulators/zvm/faults.ts). */
export async function zvmFault(world: World, fault: object): Promise<void> {
  await post(`${world.zvm.ready.url}/simulator/faults`, fault);
}

export async function mendZvm(world: World): Promise<void> {
  await fetch(`${world.zvm.ready.url}/simulator/faults`, { method: 'DELETE' });
}

export interface Configuration {
  labels: { boot_timeout: string; ssh_port: number; image_build?: { every?: string } }[];
  jobs: { attempts: number; timeout: string }[];
  backends: { guard?: object }[];
  pipelines: object[];
}

/** Changes the configuration before sidegate is started. */
export async function configure(world: World, change: (configuration: Configuration) => void): Promise<void> {
  const configuration = parse(await readFile(world.config, 'utf8')) as Configuration;
  change(configuration);
  await writeFile(world.config, stringify(configuration));
}

async function post(url: string, body: object): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url}: ${answer.status} ${await answer.text()}`);
}
