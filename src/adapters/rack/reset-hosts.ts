import { errorText } from '../../domain/errors.ts';
import type { RackSettings } from '../../domain/settings.ts';
import { claimTime } from '../../ports/rack-hosts.ts';
import type { HostReset, RackHosts } from '../../ports/rack-hosts.ts';
import { holdScript } from '../../shared/hold-script.ts';
import type { Logger } from '../../shared/logger.ts';
import { startReset } from './run-reset.ts';

export interface RackParts {
  readonly rack: RackSettings;
  readonly hosts: RackHosts;
  readonly logger: Logger;
}

/** Resets one process does at once for one rack. */
const atOnce = 20;
const renewPause = claimTime / 6;

/** Begins the resets that are due, and does not wait for them. */
export function createResets(parts: RackParts): () => Promise<void> {
  let running = 0;
  let looking: Promise<void> | undefined;
  const look = async () => {
    const names = parts.rack.hosts.map(({ name }) => name);
    const due = await parts.hosts.claimResets(parts.rack.name, names, atOnce - running);
    for (const reset of due) {
      running += 1;
      void resetHost(parts, reset).finally(() => {
        running -= 1;
      });
    }
  };
  return async () => {
    if (running >= atOnce) return;
    looking ??= look().finally(() => {
      looking = undefined;
    });
    await looking;
  };
}

/** When its end cannot be noted, the claim runs out and the host is reset again. */
async function resetHost(parts: RackParts, reset: HostReset): Promise<void> {
  const { rack, hosts, logger } = parts;
  const about = { rack: rack.name, host: reset.host };
  try {
    const trouble = await runScript(parts, reset);
    if (trouble === undefined) {
      await hosts.saveHostReset(reset);
      logger.info(about, 'a host is as new');
    } else {
      await hosts.saveResetFailure(reset, trouble);
      logger.warn({ ...about, err: trouble }, 'a host could not be reset and is tried again');
    }
  } catch (error) {
    logger.warn({ ...about, err: errorText(error) }, 'the end of a reset could not be noted; the host is reset again');
  }
}

async function runScript(parts: RackParts, reset: HostReset): Promise<string | undefined> {
  const host = parts.rack.hosts.find(({ name }) => name === reset.host);
  if (!host) return 'it is no longer configured';
  return holdScript(startReset(parts.rack, host), {
    renew: () => parts.hosts.renewReset(reset),
    pause: renewPause,
    onFailure: (error) =>
      parts.logger.warn({ host: reset.host, err: errorText(error) }, 'the claim on a host could not be renewed'),
  });
}
