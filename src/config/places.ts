import type { PlaceEntry } from './schema/servers.ts';
import type { SectionEntry } from './schema/root.ts';

type Label = Partial<SectionEntry<'labels'>>;

/** One place of a label, with what it has of the label. */
export interface PlaceOfLabel {
  /** Where it is written below the label: nowhere deeper, or `fallbacks`, INDEX. */
  readonly steps: readonly (string | number)[];
  /** The keys written there. */
  readonly own: PlaceEntry;
  readonly entry: PlaceEntry;
}

/** Where a label's servers may be booted, the label's own place first. `defaultCloud` is OS_CLOUD. */
export function placesOf(label: Label, defaultCloud: string | undefined): readonly PlaceOfLabel[] {
  const own = ownPlace(label);
  const fallbacks = (label.fallbacks ?? []).map((fallback, index) => ({
    steps: ['fallbacks', index],
    own: fallback,
    entry: withCloud(merged(own, fallback), defaultCloud),
  }));
  return [{ steps: [], own, entry: withCloud(own, defaultCloud) }, ...fallbacks];
}

/** `Cloud.name`; undefined where it cannot be known. */
export function nameOf({ rack, cloud, region }: Pick<PlaceEntry, 'rack' | 'cloud' | 'region'>): string | undefined {
  if (rack !== undefined) return rack;
  return cloud === undefined ? undefined : cloudNameOf(cloud, region);
}

export function cloudNameOf(cloud: string, region: string | undefined): string {
  return region === undefined ? cloud : `${cloud}/${region}`;
}

function ownPlace(label: Label): PlaceEntry {
  const { cloud, region, rack, image, flavor, networks, metadata, volume } = label;
  const { security_groups, availability_zones, floating_network, user_data, config_drive } = label;
  const more = { security_groups, availability_zones, floating_network, user_data, config_drive };
  return { cloud, region, rack, image, flavor, networks, metadata, volume, ...more };
}

/** Regions and zones are words of one cloud, so another cloud does not take them over. */
function merged(label: PlaceEntry, fallback: PlaceEntry): PlaceEntry {
  if (fallback.rack !== undefined) return fallback;
  const sameCloud = fallback.cloud === undefined || fallback.cloud === label.cloud;
  const sameRegion = sameCloud && (fallback.region === undefined || fallback.region === label.region);
  return {
    ...label,
    rack: undefined,
    region: sameCloud ? label.region : undefined,
    availability_zones: sameRegion ? label.availability_zones : undefined,
    ...given(fallback),
  };
}

function given(entry: PlaceEntry): PlaceEntry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined));
}

function withCloud(entry: PlaceEntry, defaultCloud: string | undefined): PlaceEntry {
  return entry.rack === undefined ? { ...entry, cloud: entry.cloud ?? defaultCloud } : entry;
}
