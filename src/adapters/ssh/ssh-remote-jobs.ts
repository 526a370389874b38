import type { Client } from 'ssh2';
import type { RemoteHost, RemoteJobs } from '../../ports/remote-jobs.ts';
import { addKey } from './add-key.ts';
import { collectArtifacts } from './collect-artifacts.ts';
import { openConnection } from './connection.ts';
import { followJob } from './follow-job.ts';
import { stopJob } from './stop-job.ts';

/** Jobs over SSH with one connection per test server, kept open between the steps of a build. */
export function createSshRemoteJobs(privateKey: string): RemoteJobs & { close(): void } {
  const connections = new Map<string, Promise<Client>>();

  function connect(host: RemoteHost): Promise<Client> {
    const key = hostKeyOf(host);
    const open = connections.get(key);
    if (open) return open;
    const opening = openConnection(host, privateKey);
    connections.set(key, opening);
    const forget = () => {
      if (connections.get(key) === opening) connections.delete(key);
    };
    opening.then((client) => client.once('close', forget), forget);
    return opening;
  }

  function disconnect(host: RemoteHost): void {
    const opening = connections.get(hostKeyOf(host));
    connections.delete(hostKeyOf(host));
    opening?.then((client) => client.end(), ignore);
  }

  return {
    checkLogin: async (host) => {
      await connect(host);
    },
    follow: async (host, job, watch) => followJob(await connect(host), job, watch),
    stop: async (host, job) => stopJob(await connect(host), job),
    collect: async (host, wanted, take) => collectArtifacts(await connect(host), wanted, take),
    addKey: async (host, line) => addKey(await openConnection(host, privateKey), line),
    disconnect,
    close: () => {
      for (const opening of connections.values()) opening.then((client) => client.end(), ignore);
      connections.clear();
    },
  };
}

/** Host keys belong to the key: a new server on a re-used address is another host. */
function hostKeyOf(host: RemoteHost): string {
  return [host.user, host.address, host.port, ...host.hostKeys].join(' ');
}

function ignore(): void {
  // A connection that never opened has nothing to close.
}
