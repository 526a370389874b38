import { readFileSync } from 'node:fs';
import type { GerritAccess } from '../../src/domain/gerrit-access.ts';
import type { AccountName } from './accounts.ts';
import { attachGerrit } from './start-gerrit.ts';
import type { GerritAddress, RealGerrit } from './start-gerrit.ts';

/** The Gerrit that `lab/run.ts` started; undefined outside of the lab. */
export function labGerrit(): RealGerrit | undefined {
  const address = process.env['GERRIT_LAB'];
  return address === undefined ? undefined : attachGerrit(JSON.parse(address) as GerritAddress);
}

/** What sidegate's client needs to use it as one of the seeded accounts. */
export function accessAs(
  gerrit: Pick<GerritAddress, 'url' | 'sshPort' | 'hostKey' | 'accounts'>,
  name: AccountName,
  changed: Partial<GerritAccess> = {},
): GerritAccess {
  const { username, password, privateKeyFile } = gerrit.accounts[name];
  return {
    name: 'lab',
    host: '127.0.0.1',
    sshPort: gerrit.sshPort,
    username,
    privateKey: readFileSync(privateKeyFile, 'utf8'),
    hostKeys: [gerrit.hostKey],
    url: gerrit.url,
    password,
    keepaliveInterval: 1000,
    keepaliveCount: 3,
    requestTimeout: 30_000,
    ...changed,
  };
}
