import type { RemoteHost } from '../ports/remote-jobs.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import type { Flow } from './context.ts';

/** How to log in to a test server; undefined while it has no address, or when its label is no longer configured. */
export function remoteHostOf({ settings }: Pick<Flow, 'settings'>, server: ServerRecord): RemoteHost | undefined {
  const label = settings.labels.find(({ name }) => name === server.label);
  if (!label || server.address === undefined) return undefined;
  return { address: server.address, port: label.sshPort, user: label.user, hostKeys: server.hostKeys };
}
