import type { ImageLine } from '../domain/image-plan.ts';
import type { ImageRecord } from '../ports/image-store.ts';
import type { Store } from '../ports/store.ts';

/** Name of the lock under which it is decided which image of a label is in use in a cloud. */
export function imageLock({ label, cloud }: ImageLine): string {
  return `images ${label} ${cloud}`;
}

export interface TakenBack {
  /** False: it was in use no more. */
  readonly undone: boolean;
  /** In use from now on; undefined: the image the configuration names. */
  readonly next: ImageRecord | undefined;
}

/** Puts the last good image in the place of one in use. Servers that wait and were booted from it go; builds on it end as they may. */
export async function takeBackImage(
  store: Store,
  image: ImageRecord,
  { detail, tellOperator }: { detail: string; tellOperator: boolean },
): Promise<TakenBack> {
  return store.transaction(async (tx) => {
    // Admission must not give away a server that is being released.
    await tx.lock('admission');
    await tx.lock(imageLock(image));
    const taken = await tx.takeBackImage(image.id, detail);
    if (taken.undone && tellOperator) {
      const now = taken.next ? `from ${taken.next.name} again` : 'from the image of the configuration';
      const text = `${image.name} on ${image.cloud}: ${detail} Servers boot ${now}.`;
      await tx.saveNotice({ code: 'image-failed', subject: imageSubject(image), text });
    }
    return taken;
  });
}

/** What notices about images are filed under. */
export function imageSubject({ label, cloud }: ImageLine): string {
  return `${label} on ${cloud}`;
}
