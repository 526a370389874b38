import { createRackHosts } from '../adapters/sql/rack-hosts.ts';
import { withState } from '../cli/open-state.ts';
import { createNeighbours } from '../neighbours.ts';
import { sleep } from '../shared/clock.ts';
import { createLogger } from '../shared/logger.ts';

export interface Leftovers {
  /** What the cloud still has of test servers: `KIND NAME`. */
  readonly servers: readonly string[];
  /** Userids in the z/VM directory, whether Feilong knows them or not. */
  readonly guests: readonly string[];
  /** Slots that are not free. */
  readonly leases: readonly string[];
}

const patience = 60_000;

/** What is left behind once cleaning up had its time: asked of cloud and z/VM, not of sidegate. `foreign`: guests that were there before. */
export async function findLeftovers(config: string, foreign: readonly string[]): Promise<Leftovers> {
  const deadline = Date.now() + patience;
  for (;;) {
    const leftovers = await lookForLeftovers(config, foreign);
    const none = Object.values(leftovers).every((list) => list.length === 0);
    if (none || Date.now() > deadline) return leftovers;
    await sleep(200);
  }
}

function lookForLeftovers(config: string, foreign: readonly string[]): Promise<Leftovers> {
  return withState(config, async ({ configuration, database, store }) => {
    const { clouds } = createNeighbours(configuration, createRackHosts(database.pool), createLogger('error'));
    const installation = await store.installationId();
    const marked = await Promise.all([...clouds.values()].map((cloud) => cloud.listMarked(installation)));
    const urls = configuration.settings.backends.flatMap(({ driver }) =>
      driver.kind === 'feilong' ? [driver.url] : [],
    );
    const guests = await Promise.all(urls.map(guestsOfHost));
    const slots = await store.slots();
    return {
      // The keypair is used again by the next start.
      servers: marked
        .flat()
        .filter(({ kind }) => kind !== 'keypair')
        .map(({ kind, name }) => `${kind} ${name}`),
      guests: guests.flat().filter((guest) => !foreign.includes(guest)),
      leases: slots
        .filter(({ state }) => state !== 'free')
        .map(({ backend, prefix, state }) => `${backend} ${prefix} ${state}`),
    };
  });
}

/** Every userid in the z/VM directory. */
export async function guestsOfHost(url: string): Promise<readonly string[]> {
  const response = await fetch(`${url}/host/guests`);
  const { output } = (await response.json()) as { output: readonly string[] };
  return output;
}
