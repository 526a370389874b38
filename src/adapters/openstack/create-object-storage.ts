import type { CloudAccess } from '../../domain/cloud-access.ts';
import type { CloudService } from '../../ports/object-store.ts';
import type { Logger } from '../../shared/logger.ts';
import { createClient } from './client.ts';

interface CloudServiceOptions {
  readonly cloud: CloudAccess;
  /** API requests per second, at most. */
  readonly requestRate: number;
  readonly logger?: Logger | undefined;
}

/**
 * The object storage of a cloud. With a login and a circuit breaker of its own: when Swift is away, test servers are booted all the same.
 */
export function createObjectStorage({ cloud, requestRate, logger }: CloudServiceOptions): CloudService {
  const client = createClient(cloud, { requestRate, logger });
  return { attempt: (send) => client.attempt('object-store', send) };
}
