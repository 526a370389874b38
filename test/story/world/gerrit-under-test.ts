import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountNames, seededAccounts, seededProjects, writeAccountKeys } from '../../../lab/gerrit/accounts.ts';
import { freePorts } from '../../../lab/gerrit/free-ports.ts';
import type { GerritAddress, RealGerrit } from '../../../lab/gerrit/start-gerrit.ts';
import { startGerrit } from '../../../src/demo/simulators.ts';

/** What a story needs of a Gerrit: the real one of the lab and the simulator both have it, so that the same stories run on both. */
export type GerritUnderTest = Pick<
  RealGerrit,
  'url' | 'sshPort' | 'hostKey' | 'accounts' | 'kill' | 'pause' | 'resume' | 'restart' | 'stop'
>;

/** The simulator, seeded as the lab seeds the real one. */
export async function startSimulatedGerrit(directory: string): Promise<GerritUnderTest> {
  const keys = join(directory, 'gerrit-keys');
  await mkdir(directory, { recursive: true });
  await writeAccountKeys(keys);
  const options = { directory, gerritSeed: await seed(keys), bootDelay: 0, gerritPorts: await freePorts() };
  let running = await startGerrit(options);
  const restart = async () => {
    await running.stop();
    running = await startGerrit(options);
  };
  return {
    ...running.ready,
    accounts: accountsIn(keys),
    kill: async () => {
      running.process.kill('SIGKILL');
      await running.ended;
    },
    pause: () => void running.process.kill('SIGSTOP'),
    resume: () => void running.process.kill('SIGCONT'),
    restart,
    stop: () => running.stop(),
  };
}

function accountsIn(keys: string): GerritAddress['accounts'] {
  const entries = accountNames.map((username) => {
    const { password } = seededAccounts[username];
    return [username, { username, password, privateKeyFile: join(keys, username) }] as const;
  });
  return Object.fromEntries(entries) as GerritAddress['accounts'];
}

async function seed(keys: string): Promise<object> {
  const rights = {
    admin: {
      capabilities: { streamEvents: true, submit: true, administrate: true },
      groups: ['Administrators'],
      mayVote: [{ labels: { Verified: [-2, 2], 'Code-Review': [-2, 2] } }],
    },
    'zvm-ci': {
      capabilities: { streamEvents: true },
      groups: ['Third-Party CI', 'nova-ci'],
      mayVote: seededProjects.map((projects) => ({ projects, labels: { Verified: [-1, 1] } })),
    },
    dev: {},
    zuul: { capabilities: { streamEvents: true, submit: true }, mayVote: [{ labels: { Verified: [-2, 2] } }] },
    nonevoter: { capabilities: { streamEvents: true }, groups: ['Third-Party CI'] },
  };
  const accounts = accountNames.map(async (username) => ({
    username,
    name: seededAccounts[username].fullName,
    email: `${username}@example.com`,
    httpPassword: seededAccounts[username].password,
    sshKeys: [(await readFile(join(keys, `${username}.pub`), 'utf8')).trim()],
    ...rights[username],
  }));
  return {
    accounts: await Promise.all(accounts),
    projects: seededProjects.map((name) => ({ name, branches: ['master', 'chain', 'lossy', 'unread', 'storm'] })),
  };
}
