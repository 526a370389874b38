import { existsSync } from 'node:fs';
import { runCommand } from '../gerrit/run-command.ts';
import type { Credentials } from './openstack-session.ts';
import { toolPath } from './place.ts';

export const hasOpenstackClient = existsSync('/usr/bin/openstack');

/** Runs Debian's `openstack` command-line client and reads its JSON. */
export async function runOpenstackClient<Answer>(
  { authUrl, user, password, project }: Credentials & { readonly authUrl: string },
  ...args: string[]
): Promise<Answer> {
  const env = {
    PATH: toolPath,
    LC_ALL: 'C.UTF-8',
    PYTHONWARNINGS: 'ignore',
    OS_AUTH_URL: authUrl,
    OS_IDENTITY_API_VERSION: '3',
    OS_USERNAME: user,
    OS_PASSWORD: password,
    OS_PROJECT_NAME: project,
    OS_USER_DOMAIN_NAME: 'Default',
    OS_PROJECT_DOMAIN_NAME: 'Default',
    OS_REGION_NAME: 'RegionOne',
  };
  return JSON.parse(await runCommand('openstack', [...args, '--format', 'json'], { env })) as Answer;
}
