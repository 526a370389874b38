import type { CloudCapacity } from '../../domain/capacity.ts';
import { SidegateError } from '../../domain/errors.ts';
import type { RackHost, RackSettings } from '../../domain/settings.ts';
import type { Cloud, CloudHealth, CloudServer, MarkedResource, ServerRemains } from '../../ports/cloud.ts';
import type { HostBorrower, HostLoan } from '../../ports/rack-hosts.ts';
import { createResets } from './reset-hosts.ts';
import type { RackParts } from './reset-hosts.ts';

/** Hosts without a cloud: a server is a host that is lent, its deletion the reset after which the host can be lent again. */
export function createRack(parts: RackParts): Cloud {
  const { rack, hosts } = parts;
  const resetDueHosts = createResets(parts);
  let inUse: readonly HostLoan[] = [];
  const lookAtHosts = async () => {
    inUse = (await hosts.hostsInUse(rack.name)).toSorted((a, b) => a.nextTryAt - b.nextTryAt);
    return inUse;
  };
  return {
    name: rack.name,
    ensureServer: async ({ mark, name }) => {
      const loan = await hosts.lendHost(rack.name, namesOf(rack), { ...mark, name });
      if (!loan) throw new SidegateError('cloud-quota', `${rack.name}: none of its ${rack.hosts.length} hosts is free`);
      if (loan.state === 'resetting')
        throw new SidegateError('server-lost', `${loan.host} was given back and is being reset`);
      return serverId(loan.host, mark.server);
    },
    showServer: async (id) => {
      const loan = (await hosts.hostsInUse(rack.name)).find(({ host, borrower }) => id === idOf(host, borrower));
      return loan?.borrower && toServer(rack, loan, loan.borrower);
    },
    removeServer: (server) => removeServer(parts, server, resetDueHosts),
    listMarked: async (owner) => (await hosts.hostsInUse(rack.name)).flatMap((loan) => toMarked(loan, owner)),
    deleteMarked: async ({ of }) => {
      // The service resets the host; a command that ends at once should not begin.
      if (of !== undefined) await hosts.takeBackHost(rack.name, of, true);
    },
    consoleLog: async () => '',
    // The operator puts the public key on the hosts: see docs/cloud.md.
    ensureKeypair: async () => {},
    capacity: async () => {
      // Asked for every few seconds: the time to try again what failed.
      await resetDueHosts();
      return capacityOf(rack, await lookAtHosts());
    },
    health: () => healthOf(rack, inUse),
    images: undefined,
  };
}

/** The reset has to come to its end, however often it is asked for: there is nothing to force. */
async function removeServer(
  { rack, hosts }: RackParts,
  { mark }: ServerRemains,
  resetDueHosts: () => Promise<void>,
): Promise<boolean> {
  const host = await hosts.takeBackHost(rack.name, mark.server, false);
  if (host === undefined) return true;
  if (!namesOf(rack).includes(host)) {
    // It is reset when it is configured again, before anybody gets it.
    await hosts.takeBackHost(rack.name, mark.server, true);
    return true;
  }
  await resetDueHosts();
  const loan = (await hosts.hostsInUse(rack.name)).find(({ borrower }) => borrower?.server === mark.server);
  if (loan && loan.failures > 0) throw new SidegateError('host-reset-failed', troubleOf(loan));
  return loan === undefined;
}

function namesOf({ hosts }: RackSettings): readonly string[] {
  return hosts.map(({ name }) => name);
}

/** With the row it is lent to: a late deletion must never hit whoever has the host by then. */
function serverId(host: string, server: string): string {
  return `${host}@${server}`;
}

function idOf(host: string, borrower: HostBorrower | undefined): string | undefined {
  return borrower && serverId(host, borrower.server);
}

function toServer(rack: RackSettings, loan: HostLoan, { name, ...mark }: HostBorrower): CloudServer {
  const host = rack.hosts.find((candidate) => candidate.name === loan.host);
  return {
    id: serverId(loan.host, mark.server),
    name,
    status: statusOf(loan, host),
    address: host?.address,
    fault: host ? undefined : `${loan.host} is no longer configured`,
    imageId: undefined,
    hostKeys: host?.hostKeys ?? [],
    mark,
  };
}

function statusOf({ state }: HostLoan, host: RackHost | undefined): string {
  if (state === 'resetting') return 'RESETTING';
  return host ? 'ACTIVE' : 'ERROR';
}

function toMarked(loan: HostLoan, owner: string): readonly MarkedResource[] {
  const { host, borrower, failures } = loan;
  if (borrower?.owner !== owner) return [];
  const { server, name } = borrower;
  const resetting = failures === 0 ? 'RESETTING' : `RESETTING: ${troubleOf(loan)}`;
  const status = loan.state === 'lent' ? 'ACTIVE' : resetting;
  return [{ kind: 'server', id: serverId(host, server), name, of: server, status }];
}

function troubleOf({ host, failures, detail }: HostLoan): string {
  return `${host}, tried ${failures === 1 ? 'once' : `${failures} times`}: ${detail}`;
}

function capacityOf(rack: RackSettings, inUse: readonly HostLoan[]): CloudCapacity {
  const used = inUse.filter(({ host }) => namesOf(rack).includes(host)).length;
  return { quotas: [{ kind: 'servers', limit: rack.hosts.length, used }], sizes: {} };
}

/** Open when no host can be made as new: there is nothing to lend until somebody looks. */
function healthOf(rack: RackSettings, inUse: readonly HostLoan[]): CloudHealth {
  const broken = inUse.filter(({ host, failures }) => failures > 0 && namesOf(rack).includes(host));
  const [first] = broken;
  if (!first || broken.length < rack.hosts.length) return { state: 'closed', reason: '', until: undefined };
  const reason = `no host can be reset; ${troubleOf(first)}`;
  return { state: 'open', reason, until: first.nextTryAt };
}
