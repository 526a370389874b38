import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateSshKey } from '../../src/shared/generate-ssh-key.ts';
import type { FeilongPlace } from './place.ts';

/** Writes what the machine copies to where Feilong looks; gives the public key that compute hosts must trust. */
export async function writeConfiguration(place: FeilongPlace, sudoers: string): Promise<string> {
  const etc = join(place.root, 'etc');
  await writeFile(join(etc, 'zvmsdk.conf'), configurationOf(place));
  await copyFile(sudoers, join(etc, 'sudoers'));
  if (place.adminToken !== undefined) await writeFile(join(place.root, 'feilong/token'), place.adminToken);
  const { privateKey, publicKey } = generateSshKey('zvmsdk@feilong');
  await writeFile(join(etc, 'ssh-key'), privateKey, { mode: 0o600 });
  return publicKey.trim();
}

function configurationOf({ address, sdkPort, adminToken }: FeilongPlace): string {
  const folder = '/var/lib/feilong';
  const sections = {
    database: { dir: `${folder}/db/` },
    file: { file_repository: `${folder}/files` },
    image: { sdk_image_repository: `${folder}/images` },
    logging: { log_dir: `${folder}/log/`, log_level: 'logging.DEBUG' },
    network: { my_ip: address },
    sdkserver: { bind_addr: '127.0.0.1', bind_port: sdkPort, max_worker_count: 32 },
    wsgi: { auth: adminToken === undefined ? 'none' : 'token', token_path: `${folder}/token` },
    zvm: {
      disk_pool: 'ECKD:POOL1',
      user_profile: 'OSDFLT',
      default_admin_userid: 'MAINT',
      remotehost_sshd_port: 22,
    },
  };
  return Object.entries(sections)
    .map(([name, values]) => {
      const lines = Object.entries(values).map(([key, value]) => `${key} = ${value}\n`);
      return `[${name}]\n${lines.join('')}`;
    })
    .join('\n');
}
