import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  createDatabases,
  installMariadb,
  pointCells,
  runSql,
  syncGlance,
  syncKeystone,
  syncNeutron,
  syncNova,
  syncPlacement,
} from './databases.ts';
import { computeHostsOf } from './configuration.ts';
import type { OpenstackSession } from './openstack-session.ts';
import type { Place } from './place.ts';
import { findProcesses } from './processes.ts';
import { endpointsOf, provisionIdentity } from './provision.ts';
import { runService } from './run-service.ts';
import type { ServiceName } from './services.ts';

const novaWorkers = ['nova-conductor', 'nova-scheduler', 'nova-compute-a', 'nova-compute-b'] as const;
type NovaWorker = (typeof novaWorkers)[number];
const controllers: readonly NovaWorker[] = ['nova-conductor', 'nova-scheduler'];

const LIMIT = 120_000;

/** Starts every service as soon as what it needs is there. `fresh`: there are no databases yet. */
export async function startServices(place: Place, fresh: boolean): Promise<void> {
  const start = (name: ServiceName) => runService(place, name);
  const prepare = (step: (place: Place) => Promise<void>) => (fresh ? step(place) : undefined);

  const messages = start('rabbitmq');
  const database = startDatabase(place, fresh);
  const identity = (async () => {
    await database;
    await prepare(syncKeystone);
    await start('keystone');
    await prepare(provisionIdentity);
  })();
  const placement = (async () => {
    await database;
    await prepare(syncPlacement);
    await start('placement');
  })();
  const glance = (async () => {
    await database;
    await prepare(syncGlance);
    await start('glance');
  })();
  const neutron = (async () => {
    await database;
    await prepare(syncNeutron);
    await messages;
    await start('neutron');
  })();
  const nova = (async () => {
    await database;
    await prepare(syncNova);
    // Without their user in Keystone they end at once.
    await Promise.all([messages, identity]);
    const others = Promise.all([start('nova-api'), start('nova-conductor'), start('nova-scheduler')]);
    await Promise.all([place.compute === 'namespaces' ? start('guest-mounts') : undefined, placement]);
    await Promise.all([others, ...computeServicesOf(place).map(start)]);
  })();
  await Promise.all([messages, identity, placement, glance, neutron, nova]);
}

function computeServicesOf(place: Place) {
  return computeHostsOf(place).map((host) => `nova-${host}` as const);
}

async function startDatabase(place: Place, fresh: boolean): Promise<void> {
  if (fresh) await installMariadb(place.root);
  await runService(place, 'mariadb');
  if (fresh) await createDatabases(place);
  else await pointHere(place);
}

/** What the kept databases say of addresses and folders is of another run. */
async function pointHere(place: Place): Promise<void> {
  const cases = Object.entries(endpointsOf(place)).map(([type, url]) => `WHEN '${type}' THEN '${url}'`);
  const tables = 'keystone.endpoint JOIN keystone.service ON service.id = endpoint.service_id';
  await Promise.all([
    runSql(place, `UPDATE ${tables} SET endpoint.url = CASE service.type ${cases.join(' ')} END`),
    pointCells(place),
    runSql(
      place,
      `UPDATE glance.image_locations SET value = CONCAT('file://${join(place.root, 'images')}/', image_id)`,
    ),
  ]);
}

/** Nova's services without a port of their own tell by a report that they work, 5 s after their start at the earliest. */
export async function waitForReports(
  place: Place,
  admin: OpenstackSession,
  since: number,
  workers: readonly NovaWorker[] = [...controllers, ...computeServicesOf(place)],
): Promise<void> {
  const deadline = Date.now() + LIMIT;
  for (;;) {
    const ended = workers.find((worker) => findProcesses(place.root, worker).length === 0);
    if (ended) throw new Error(`${ended} has ended; see ${place.root}/log`);
    const missing = await silent(admin, since, workers);
    if (missing.length === 0) return;
    if (Date.now() > deadline) throw new Error(`no report of ${missing.join(', ')} after ${LIMIT / 1000} s`);
    await wait(200);
  }
}

async function silent(admin: OpenstackSession, since: number, workers: readonly NovaWorker[]): Promise<NovaWorker[]> {
  const { services } = await admin.ask<{ services: { binary: string; host: string; updated_at: string | null }[] }>(
    'compute',
    'GET /os-services',
  );
  return workers.filter(
    (worker) =>
      !services.some(
        ({ binary, host, updated_at: updated }) =>
          (binary === worker || worker === `nova-${host}`) && updated !== null && Date.parse(`${updated}Z`) >= since,
      ),
  );
}

export function isNovaWorker(name: ServiceName): name is NovaWorker {
  return (novaWorkers as readonly string[]).includes(name);
}
