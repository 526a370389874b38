import type { Flow } from './context.ts';

/** Gives back servers and slots of builds that are over: nobody else would ever touch them. */
export async function releaseOrphans({ store, logger }: Pick<Flow, 'store' | 'logger'>): Promise<void> {
  const released = await store.releaseOrphans();
  if (released.length > 0) logger.warn({ released }, 'servers and slots of builds that are over are given back');
}
