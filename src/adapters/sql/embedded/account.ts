import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';
import { SidegateError } from '../../../domain/errors.ts';

/** Who runs PostgreSQL and owns its files. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root; `sidegate` and `postgres` are the accounts an administrator would make for it. */
const CANDIDATES = ['sidegate', 'postgres', 'nobody'];
const PASSWD_LIMIT = 4 * 1024 * 1024;

export function runsAsRoot(): boolean {
  return ownUid() === 0;
}

/** Ourselves; for root the first unprivileged account there is. */
export async function chooseAccount(): Promise<Account> {
  if (!runsAsRoot()) return { uid: ownUid(), gid: process.getgid?.() ?? 0 };
  const accounts = await readAccounts();
  for (const name of CANDIDATES) {
    const account = accounts.get(name);
    if (account && account.uid !== 0) return account;
  }
  throw new SidegateError(
    'state-database',
    `PostgreSQL does not run as root and none of the accounts ${CANDIDATES.join(', ')} exists: create one or set DATABASE_URL.`,
  );
}

/** What `spawn` needs to run a child as that account. Only root may change it. */
export function identity(account: Account): { uid?: number; gid?: number } {
  return runsAsRoot() ? { uid: account.uid, gid: account.gid } : {};
}

/** Asks the kernel, as that account: mode bits alone do not know ACLs and mounts. */
export function canEnter(account: Account, folder: string): Promise<boolean> {
  if (!runsAsRoot()) return Promise.resolve(true);
  return new Promise((resolve) => {
    execFile('test', ['-x', folder], { ...identity(account), cwd: '/', timeout: 10_000 }, (error) => {
      resolve(error === null);
    });
  });
}

function ownUid(): number {
  return process.getuid?.() ?? -1;
}

async function readAccounts(): Promise<Map<string, Account>> {
  const accounts = new Map<string, Account>();
  const file = await open('/etc/passwd');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(PASSWD_LIMIT), 0, PASSWD_LIMIT, 0);
    for (const line of buffer.toString('utf8', 0, bytesRead).split('\n')) {
      const [name, , uid, gid] = line.split(':');
      if (name && uid && gid) accounts.set(name, { uid: Number(uid), gid: Number(gid) });
    }
  } finally {
    await file.close();
  }
  return accounts;
}
