import type { FeilongSettings } from '../../../domain/settings.ts';
import type { Secret } from '../../../domain/secret.ts';
import type { Guards } from '../../../ports/guard.ts';
import { createSender } from '../tokens.ts';
import type { SendToFeilong } from '../tokens.ts';
import { DeployQueue } from './deploy-queue.ts';
import { openGuard } from './open-guard.ts';
import type { Listening } from './open-guard.ts';

/** What the guards of one back end have in common. */
export interface GuardedBackend {
  readonly name: string;
  readonly driver: FeilongSettings;
  readonly token: Secret | undefined;
  readonly ca: string | undefined;
  readonly certificate: string | undefined;
  readonly key: Secret | undefined;
}

interface Shared {
  readonly send: SendToFeilong;
  readonly deploys: DeployQueue;
  readonly listening: Omit<Listening, 'port'>;
}

/** Back ends behind one Feilong share its limit of deploys. */
export function createGuards(backends: readonly GuardedBackend[]): Guards {
  const queues = new Map<string, DeployQueue>();
  const shared = new Map(backends.flatMap((backend) => sharedBy(backend, queues) ?? []));
  return {
    open: ({ backend, lease, port }, books) => {
      const parts = shared.get(backend);
      if (!parts) throw new Error(`the back end ${backend} has no guards`);
      const { send, deploys, listening } = parts;
      return openGuard({ lease, ...books, send, deploys }, { ...listening, port: port ?? 0 });
    },
  };
}

function sharedBy(backend: GuardedBackend, queues: Map<string, DeployQueue>): [string, Shared][] | undefined {
  const { name, driver, token, ca, certificate, key } = backend;
  if (!driver.guard) return undefined;
  const deploys = queues.get(driver.url) ?? new DeployQueue(driver.deploys);
  queues.set(driver.url, deploys);
  const tls = certificate !== undefined && key ? { certificate, key: key.reveal() } : undefined;
  const send = createSender({ name, url: driver.url, ca }, token);
  return [[name, { send, deploys, listening: { address: driver.guard.address, tls } }]];
}
