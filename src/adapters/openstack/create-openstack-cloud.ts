import type { CloudAccess } from '../../domain/cloud-access.ts';
import type { Cloud } from '../../ports/cloud.ts';
import type { Logger } from '../../shared/logger.ts';
import { createClient } from './client.ts';
import { ensureServer } from './ensure-server.ts';
import { deleteImage, showImage } from './images.ts';
import { ensureKeypair } from './keypairs.ts';
import { deleteMarked, listMarked } from './list-marked.ts';
import { createNameResolver } from './names.ts';
import { readCapacity } from './quotas.ts';
import { removeServer } from './remove-server.ts';
import { consoleLog, showServer } from './servers.ts';
import { ensureSnapshot } from './snapshots.ts';

interface OpenstackCloudOptions {
  readonly cloud: CloudAccess;
  /** API requests per second, at most. */
  readonly requestRate: number;
  readonly logger?: Logger;
}

/** One OpenStack project as sidegate's cloud; logs in with the first call. */
export function createOpenstackCloud({ cloud, requestRate, logger }: OpenstackCloudOptions): Cloud {
  const client = createClient(cloud, { requestRate, logger });
  const names = createNameResolver(client);
  return {
    name: cloud.name,
    ensureServer: (request) => ensureServer(client, names, request),
    showServer: (id) => showServer(client, id),
    removeServer: (server, force) => removeServer(client, server, force),
    listMarked: (owner) => listMarked(client, owner),
    deleteMarked: (resource, force = false) => deleteMarked(client, resource, force),
    consoleLog: (id) => consoleLog(client, id),
    ensureKeypair: (name, publicKey) => ensureKeypair(client, name, publicKey),
    capacity: (places) => readCapacity(client, places),
    health: () => client.health(),
    images: {
      ensureSnapshot: (request) => ensureSnapshot(client, request),
      showImage: (id) => showImage(client, id),
      deleteImage: (id) => deleteImage(client, id),
    },
  };
}
