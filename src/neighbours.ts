import { createGerritReview } from './adapters/gerrit/create-gerrit-review.ts';
import { createS3Store } from './adapters/objects/create-s3-store.ts';
import { createSwiftStore } from './adapters/objects/create-swift-store.ts';
import { createObjectStorage } from './adapters/openstack/create-object-storage.ts';
import { createOpenstackCloud } from './adapters/openstack/create-openstack-cloud.ts';
import { createRack } from './adapters/rack/create-rack.ts';
import { createCommandBackend } from './adapters/command/create-command-backend.ts';
import { createMailChannel } from './adapters/notices/create-mail-channel.ts';
import { createWebhookChannel } from './adapters/notices/create-webhook-channel.ts';
import { createGuards } from './adapters/zvm/guard/create-guards.ts';
import type { GuardedBackend } from './adapters/zvm/guard/create-guards.ts';
import { createFeilongBackend } from './adapters/zvm/create-feilong-backend.ts';
import type { BackendAccess, Configuration, GerritConnection } from './config/configuration.ts';
import type { BackendSettings } from './domain/settings.ts';
import type { MailAccess, WebhookAccess } from './domain/notice-access.ts';
import type { CloudAccess } from './domain/cloud-access.ts';
import type { GerritAccess } from './domain/gerrit-access.ts';
import type { ReviewAccount } from './flow/context.ts';
import type { Backend } from './ports/backend.ts';
import type { Guards } from './ports/guard.ts';
import type { Cloud } from './ports/cloud.ts';
import type { ObjectStore } from './ports/object-store.ts';
import type { NoticeChannel } from './ports/notice-channel.ts';
import type { RackHosts } from './ports/rack-hosts.ts';
import type { Logger } from './shared/logger.ts';

const requestTimeout = 30_000;
/** Requests to Swift per second: each file of a build takes two. */
const objectRate = 50;

export interface Neighbours {
  readonly reviews: ReadonlyMap<string, ReviewAccount>;
  readonly clouds: ReadonlyMap<string, Cloud>;
  readonly backends: ReadonlyMap<string, Backend>;
  readonly guards: Guards;
  readonly channels: readonly NoticeChannel[];
  readonly objects: ObjectStore | undefined;
}

/** One adapter for each configured Gerrit, cloud, rack and back end. Nothing is connected yet. */
export function createNeighbours(configuration: Configuration, rackHosts: RackHosts, logger: Logger): Neighbours {
  const racks = configuration.settings.racks.map((rack) => createRack({ rack, hosts: rackHosts, logger }));
  const clouds = configuration.clouds.map((cloud) => openstackCloud(cloud, configuration, logger));
  return {
    reviews: new Map(configuration.gerrit.map((connection) => [connection.name, reviewAccount(connection, logger)])),
    clouds: new Map([...clouds, ...racks].map((cloud) => [cloud.name, cloud])),
    backends: new Map(
      configuration.settings.backends.map((backend, index) => [
        backend.name,
        createBackend(backend, configuration.backends[index]),
      ]),
    ),
    guards: createGuards(guardedBackends(configuration)),
    channels: noticeChannels(configuration),
    objects: objectStore(configuration, logger),
  };
}

/** Undefined: logs stay in their directory. */
export function objectStore({ logs }: Pick<Configuration, 'logs'>, logger?: Logger): ObjectStore | undefined {
  const { upload } = logs;
  if (upload === undefined) return undefined;
  if (upload.kind === 'swift')
    return createSwiftStore(upload, createObjectStorage({ cloud: upload.cloud, requestRate: objectRate, logger }));
  const { accessKey, secretKey, ...access } = upload;
  return createS3Store({ ...access, accessKey: accessKey.reveal(), secretKey: secretKey.reveal() });
}

export function noticeChannels({ notices }: Pick<Configuration, 'notices'>): readonly NoticeChannel[] {
  const mail = mailAccess(notices);
  return [...(mail ? [createMailChannel(mail)] : []), ...webhookAccesses(notices).map(createWebhookChannel)];
}

export function webhookAccesses({ webhooks }: Configuration['notices']): readonly WebhookAccess[] {
  return webhooks.map(({ name, secret, url }) => ({
    name,
    url: url.reveal(),
    secret: secret?.reveal(),
    timeout: requestTimeout,
  }));
}

export function mailAccess({ email }: Configuration['notices']): MailAccess | undefined {
  return email && { ...email, password: email.password?.reveal(), timeout: requestTimeout };
}

function createBackend({ name, driver }: BackendSettings, access: BackendAccess | undefined): Backend {
  if (driver.kind === 'command') return createCommandBackend({ name, ...driver });
  return createFeilongBackend({ name, url: driver.url, token: access?.token, ca: access?.ca });
}

function guardedBackends({ settings, backends }: Configuration): readonly GuardedBackend[] {
  return settings.backends.flatMap(({ driver }, index) => {
    const access = backends[index];
    return driver.kind === 'feilong' && access ? [{ ...access, driver }] : [];
  });
}

function openstackCloud(cloud: CloudAccess, { settings }: Configuration, logger: Logger): Cloud {
  const own = settings.clouds.find(({ name }) => name === cloud.name);
  if (!own) throw new Error(`the cloud ${cloud.name} has no settings`);
  return createOpenstackCloud({ cloud, requestRate: own.requestRate, logger });
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
