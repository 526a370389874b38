import type { CloudPlace, ServerLabel } from './settings.ts';

/** The image builds of one label in one cloud. */
export interface ImageLine {
  readonly label: string;
  readonly cloud: string;
}

export interface NewestImage extends ImageLine {
  /** Milliseconds since 1970; of the newest one, however it ended. */
  readonly createdAt: number;
}

interface KeptImage extends ImageLine {
  readonly id: string;
  readonly state: string;
  readonly promotedAt: number | undefined;
}

/** True while a server is prepared, snapshotted or tries the snapshot. */
export function isInWork({ state }: { readonly state: string }): boolean {
  return state === 'preparing' || state === 'snapshotting' || state === 'testing';
}

/** Where images are made for a label. Not of servers that boot from a volume: Nova would snapshot the volume, which Glance does not hold. */
export function imagePlaces(label: ServerLabel): readonly CloudPlace[] {
  if (!label.imageBuild) return [];
  return label.places.filter((place): place is CloudPlace => place.kind === 'openstack' && !place.volume);
}

/** True where servers of the label boot from images of ours. */
export function hasImages(label: ServerLabel | undefined, cloud: string): boolean {
  return label !== undefined && imagePlaces(label).some((place) => place.cloud === cloud);
}

/** Where the next image is to be built by now. */
export function dueImages(
  labels: readonly ServerLabel[],
  newest: readonly NewestImage[],
  now: number,
): readonly ImageLine[] {
  return labels.flatMap((label) => {
    const every = label.imageBuild?.every;
    if (every === undefined) return [];
    return imagePlaces(label)
      .map(({ cloud }) => ({ label: label.name, cloud }))
      .filter((line) => now - (newest.find((one) => isSameLine(one, line))?.createdAt ?? 0) >= every);
  });
}

/** Ids of the retired ones beyond those to be kept. What is no longer configured stays as it is. */
export function surplusImages(labels: readonly ServerLabel[], images: readonly KeptImage[]): readonly string[] {
  return labels.flatMap((label) =>
    imagePlaces(label).flatMap(({ cloud }) => {
      const ofLine = images.filter((image) => isSameLine(image, { label: label.name, cloud }));
      const kept = label.imageBuild!.keep - ofLine.filter(({ state }) => state === 'active').length;
      return ofLine
        .filter(({ state }) => state === 'retired')
        .toSorted((a, b) => (b.promotedAt ?? 0) - (a.promotedAt ?? 0))
        .slice(kept)
        .map(({ id }) => id);
    }),
  );
}

/** `sidegate-LABEL-20261122-203807-0a1b2c3d`: name of an image in Glance. */
export function imageName(label: string, id: string, now: number): string {
  const [date = '', time = ''] = new Date(now).toISOString().replaceAll(/[-:]/g, '').split(/[T.]/);
  return `sidegate-${label}-${date}-${time}-${id.slice(0, 8)}`;
}

/** Folder of an image's consoles below the log archive. */
export function imageLogPath(label: string, id: string): string {
  return `images/${label}/${id}/`;
}

export function isSameLine(one: ImageLine, other: ImageLine): boolean {
  return one.label === other.label && one.cloud === other.cloud;
}
