import { hasImages } from '../domain/image-plan.ts';
import type { ImageRecord } from '../ports/image-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';

/** The image of our own that servers of a label boot from in a cloud; undefined: the one its configuration names. */
export async function chooseImage(
  { settings }: Pick<Flow, 'settings'>,
  store: Store,
  { label, cloud }: { label: string; cloud: string },
): Promise<ImageRecord | undefined> {
  const configured = settings.labels.find(({ name }) => name === label);
  return hasImages(configured, cloud) ? store.activeImage(label, cloud) : undefined;
}
