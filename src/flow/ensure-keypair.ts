import { SidegateError } from '../domain/errors.ts';
import type { Cloud } from '../ports/cloud.ts';
import { sleep } from '../shared/clock.ts';
import type { Flow } from './context.ts';

const ensured = new WeakMap<Cloud, Promise<void>>();

/** Makes sure that our keypair is there, once per process and cloud; who has no time left stops waiting for it (`deadline` in ms since 1970). */
export async function ensureKeypair(flow: Pick<Flow, 'keypair'>, cloud: Cloud, deadline: number): Promise<void> {
  const stop = new AbortController();
  const giveUp = async () => {
    await sleep(Math.max(0, deadline - Date.now()), stop.signal);
    if (!stop.signal.aborted)
      throw new SidegateError('cloud-unreachable', `${cloud.name}: the keypair is not there yet`);
  };
  try {
    await Promise.race([ensureOnce(flow, cloud), giveUp()]);
  } finally {
    stop.abort();
  }
}

function ensureOnce({ keypair }: Pick<Flow, 'keypair'>, cloud: Cloud): Promise<void> {
  const known = ensured.get(cloud);
  if (known) return known;
  const ensuring = cloud.ensureKeypair(keypair.name, keypair.publicKey);
  ensured.set(cloud, ensuring);
  ensuring.catch(() => ensured.delete(cloud));
  return ensuring;
}

/** After a boot that failed: somebody may have deleted it. */
export function forgetKeypair(cloud: Cloud): void {
  ensured.delete(cloud);
}
