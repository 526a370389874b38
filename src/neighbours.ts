import { createGerritReview } from './adapters/gerrit/create-gerrit-review.ts';
import { createOpenstackCloud } from './adapters/openstack/create-openstack-cloud.ts';
import { createFeilongBackend } from './adapters/zvm/create-feilong-backend.ts';
import type { Configuration, GerritConnection } from './config/configuration.ts';
import type { GerritAccess } from './domain/gerrit-access.ts';
import type { ReviewAccount } from './flow/context.ts';
import type { Backend } from './ports/backend.ts';
import type { Cloud } from './ports/cloud.ts';
import type { Logger } from './shared/logger.ts';

const requestTimeout = 30_000;

export interface Neighbours {
  readonly reviews: ReadonlyMap<string, ReviewAccount>;
  readonly clouds: ReadonlyMap<string, Cloud>;
  readonly backends: ReadonlyMap<string, Backend>;
}

/** One adapter for each configured Gerrit, cloud and back end. Nothing is connected yet. */
export function createNeighbours(configuration: Configuration, logger: Logger): Neighbours {
  return {
    reviews: new Map(configuration.gerrit.map((connection) => [connection.name, reviewAccount(connection, logger)])),
    clouds: new Map(configuration.clouds.map((cloud) => [cloud.name, createOpenstackCloud({ cloud, logger })])),
    backends: new Map(
      configuration.settings.backends.map(({ name, url }) => [name, createFeilongBackend({ name, url })]),
    ),
  };
}

function reviewAccount(connection: GerritConnection, logger: Logger): ReviewAccount {
  return { review: createGerritReview(gerritAccess(connection), logger), username: connection.username };
}

export function gerritAccess(connection: GerritConnection): GerritAccess {
  return {
    ...connection,
    privateKey: connection.privateKey.reveal(),
    password: connection.password.reveal(),
    requestTimeout,
  };
}
