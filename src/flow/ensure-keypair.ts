import type { Cloud } from '../ports/cloud.ts';
import type { Flow } from './context.ts';

const ensured = new WeakMap<Cloud, Promise<void>>();

/** Makes sure that our keypair is there, once per process and cloud. */
export function ensureKeypair({ keypair }: Pick<Flow, 'keypair'>, cloud: Cloud): Promise<void> {
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
