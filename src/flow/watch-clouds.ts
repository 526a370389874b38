import { errorCode, errorText } from '../domain/errors.ts';
import type { CloudCapacity } from '../domain/capacity.ts';
import type { Cloud } from '../ports/cloud.ts';
import { createSideWork } from '../shared/side-work.ts';
import type { Flow } from './context.ts';

/** Looks at each cloud every few seconds, one process at a time: what is free there, and whether it answers at all. */
export function createCloudWatch(flow: Flow): () => Promise<void> {
  const start = createSideWork((cloud, error) =>
    flow.logger.warn({ cloud, err: errorText(error) }, 'a look at a cloud could not be noted'),
  );
  return async () => {
    for (const cloud of flow.clouds.values()) start(cloud.name, () => lookAtCloud(flow, cloud));
  };
}

async function lookAtCloud(flow: Flow, cloud: Cloud): Promise<void> {
  if (!(await flow.store.claimCloudLook(cloud.name))) return;
  const startedAt = Date.now();
  const { capacity, trouble } = await askCapacity(flow, cloud);
  const { state, reason } = cloud.health();
  // One call without an answer is not yet an outage: the circuit breaker decides. Refused credentials do not mend themselves.
  const sick = state === 'closed' && trouble?.code !== 'cloud-auth' ? undefined : reason || trouble?.text;
  await flow.store.saveCloud(cloud.name, { healthy: sick === undefined, detail: sick ?? '', capacity, startedAt });
  await tellOperator(flow, cloud.name, trouble?.code === 'cloud-auth' ? 'cloud-auth' : 'cloud-unreachable', sick);
}

async function askCapacity(
  flow: Flow,
  cloud: Cloud,
): Promise<{ capacity: CloudCapacity | undefined; trouble: { code: string | undefined; text: string } | undefined }> {
  const places = flow.settings.labels.flatMap((label) => label.places.filter((place) => place.cloud === cloud.name));
  try {
    return { capacity: await cloud.capacity(places), trouble: undefined };
  } catch (error) {
    flow.logger.warn({ cloud: cloud.name, err: errorText(error) }, 'the cloud does not say what is free');
    return { capacity: undefined, trouble: { code: errorCode(error), text: errorText(error) } };
  }
}

async function tellOperator(
  { store }: Flow,
  cloud: string,
  code: 'cloud-auth' | 'cloud-unreachable',
  sick: string | undefined,
): Promise<void> {
  if (sick === undefined) {
    await store.closeNotice('cloud-auth', cloud);
    await store.closeNotice('cloud-unreachable', cloud);
    return;
  }
  await store.saveNotice({ code, subject: cloud, text: `${cloud}: ${sick}` });
}
