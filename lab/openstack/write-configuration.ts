import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { configurations } from './configuration.ts';
import type { Place } from './place.ts';

/** Writes what the services read at their start. */
export async function writeConfiguration(place: Place): Promise<void> {
  for (const [name, sections] of Object.entries(configurations(place))) {
    const text = Object.entries(sections).map(([section, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${String(value)}\n`);
      return `[${section}]\n${lines.join('')}`;
    });
    await write(join(place.root, 'etc', name), text.join('\n'));
  }
  await write(join(place.root, 'etc/rabbitmq.conf'), rabbitmq(place));
  await write(join(place.root, 'etc/rabbitmq-plugins'), '[].\n');
  await registerMechanismDriver(place.root);
}

/** As `keystone-manage fernet_setup` and `credential_setup` do, without two starts of python. */
export async function writeKeys(root: string): Promise<void> {
  for (const folder of ['fernet-keys', 'credential-keys']) {
    if (existsSync(join(root, folder))) continue;
    await mkdir(join(root, folder), { mode: 0o700 });
    // 0 is the next key, 1 the one in use.
    for (const index of ['0', '1'])
      await writeFile(join(root, folder, index), urlSafe(randomBytes(32)), { mode: 0o600 });
  }
}

function urlSafe(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
}

function rabbitmq({ ports }: Place): string {
  return `listeners.tcp.1 = 127.0.0.1:${ports.rabbitmq}\nloopback_users.guest = true\nlog.file.level = warning\n`;
}

/** Neutron finds drivers by the entry points of installed distributions only. */
async function registerMechanismDriver(root: string): Promise<void> {
  const distribution = join(root, 'python/sidegate_lab-1.dist-info');
  await write(join(distribution, 'METADATA'), 'Metadata-Version: 2.1\nName: sidegate-lab\nVersion: 1\n');
  await write(
    join(distribution, 'entry_points.txt'),
    '[neutron.ml2.mechanism_drivers]\nsidegate_lab = sidegate_lab_ml2:LabMechanismDriver\n',
  );
}

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text);
}
