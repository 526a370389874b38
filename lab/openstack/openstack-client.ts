import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Credentials } from './openstack-session.ts';
import { toolPath } from './place.ts';

const program = '/usr/bin/openstack';
const run = promisify(execFile);

export const hasOpenstackClient = existsSync(program);

type Account = Credentials & { readonly authUrl: string };

/** Gives one command to Debian's `openstack` command-line client and reads its JSON. */
export async function runOpenstackClient<Answer>(account: Account, command: string): Promise<Answer> {
  const [answer] = await askOpenstackClient(account, [command]);
  return answer as Answer;
}

/** What it says to each of several commands, taken from its standard input: a process for each would load Python every time. */
export async function askOpenstackClient(
  { authUrl, user, password, project }: Account,
  commands: readonly string[],
): Promise<readonly unknown[]> {
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
  const running = run(program, [], { env, maxBuffer: 4 * 1024 * 1024 });
  running.child.stdin?.end(commands.map((command) => `${command} --format json\n`).join(''));
  const { stdout, stderr } = await running;
  const answers = stdout.match(/^(?:\[\]|\{\}|[[{]\n[^]*?^[\]}])$/gmu) ?? [];
  if (answers.length !== commands.length)
    throw new Error(`${answers.length} answers to ${commands.join('; ')}: ${`${stdout}${stderr}`.slice(-4000)}`);
  return answers.map((text) => JSON.parse(text) as unknown);
}
