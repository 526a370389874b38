import type { Context } from './context.ts';
import { didYouMean } from './did-you-mean.ts';
import { below } from './findings.ts';
import type { Findings, Place } from './findings.ts';
import { nameOf, placesOf } from './places.ts';
import type { PlaceOfLabel } from './places.ts';
import { cloudKeys } from './schema/servers.ts';
import type { SectionEntry } from './schema/root.ts';
import type { Entry, Parts } from './sections.ts';
import { valueAt } from './zod-problems.ts';

type LabelEntry = Entry<SectionEntry<'labels'>>;

/** Whether each label can be booted somewhere: its places, their clouds and racks. */
export function checkLabels(parts: Parts, { env, findings }: Pick<Context, 'env' | 'findings'>): void {
  const defaultCloud = defaultCloudOf(env);
  for (const label of parts.entries.labels) {
    const places = placesOf(label.value, defaultCloud);
    for (const place of places) checkPlace(place, label, { parts, findings });
    checkPlacesDiffer(places, label, findings);
    checkCounts(label, findings);
    checkHolds(label, { parts, findings });
    checkImageBuild(places, label, findings);
  }
  checkRackNames(parts, defaultCloud, findings);
  checkHosts(parts, findings);
  checkCloudLimits(parts, defaultCloud, findings);
}

export function defaultCloudOf(env: Context['env']): string | undefined {
  return env['OS_CLOUD'] === '' ? undefined : env['OS_CLOUD'];
}

interface Whole {
  readonly parts: Parts;
  readonly findings: Findings;
}

function checkPlace(place: PlaceOfLabel, label: LabelEntry, whole: Whole): void {
  const at = below(label.place, ...place.steps);
  if (isGiven(below(at, 'rack'))) checkRackPlace(place, at, whole);
  else checkCloudPlace(place, label, whole.findings);
}

function checkRackPlace({ own }: PlaceOfLabel, at: Place, { parts, findings }: Whole): void {
  for (const key of cloudKeys) {
    if (isGiven(below(at, key))) findings.error(below(at, key), 'has no meaning beside `rack`.', 'Remove one of them.');
  }
  if (own.rack !== undefined && !parts.names.racks.includes(own.rack)) {
    const known = didYouMean(own.rack, parts.names.racks);
    findings.error(below(at, 'rack'), `no rack is called ${own.rack}.`, known);
  }
}

function checkCloudPlace(place: PlaceOfLabel, label: LabelEntry, findings: Findings): void {
  const at = below(label.place, ...place.steps);
  // A key that is there and wrong was told already.
  const missing = (key: 'cloud' | 'image' | 'flavor' | 'networks') =>
    place.entry[key] === undefined && !isGiven(below(at, key)) && !isGiven(below(label.place, key));
  if (missing('cloud')) {
    const todo = 'Name a cloud of clouds.yaml or a `rack`, or set the environment variable OS_CLOUD.';
    findings.error(below(at, 'cloud'), 'is missing.', todo);
  }
  for (const key of ['image', 'flavor', 'networks'] as const) {
    if (missing(key)) findings.error(below(at, key), 'is missing.', 'A cloud needs image, flavor and networks.');
  }
}

function checkPlacesDiffer(places: readonly PlaceOfLabel[], label: LabelEntry, findings: Findings): void {
  const seen = new Set<string>();
  for (const { entry, own, steps } of places) {
    const name = nameOf(entry);
    if (name === undefined) continue;
    const key = own.rack === undefined ? 'cloud' : 'rack';
    const at = below(label.place, ...steps, key);
    if (seen.has(name)) findings.error(at, `${name} is there twice.`, 'Name each cloud, or its regions, once.');
    seen.add(name);
  }
}

function checkCounts({ place, value }: LabelEntry, findings: Findings): void {
  const { min_ready: ready, max } = value;
  if (ready === undefined || max === undefined || ready <= max) return;
  findings.error(below(place, 'min_ready'), `must not be more than max (${max}).`);
}

/** Of a label with more than one server holds leave one to builds. */
function checkHolds({ place, value: { max } }: LabelEntry, { parts, findings }: Whole): void {
  if (max !== 1 || parts.keys.hold === undefined || parts.keys.hold.max_servers === 0) return;
  const todo = 'Raise it, or lower `hold.max_ttl`, or set `hold.max_servers: 0`.';
  findings.warning(
    below(place, 'max'),
    'while its one server is held for a person, all builds of the label wait.',
    todo,
  );
}

function checkImageBuild(places: readonly PlaceOfLabel[], { place, value }: LabelEntry, findings: Findings): void {
  if (value.image_build === undefined) return;
  const at = below(place, 'image_build');
  const clouds = places.filter(({ entry }) => entry.rack === undefined);
  if (clouds.length === 0) return findings.error(at, 'a rack has no images.', 'Remove it, or give the label a cloud.');
  if (clouds.every(({ entry }) => entry.volume))
    findings.error(at, 'no image is made of a server that boots from a volume.', 'Remove `image_build` or `volume`.');
}

/** A server's row says where it is by this name alone. */
function checkRackNames(parts: Parts, defaultCloud: string | undefined, findings: Findings): void {
  const clouds = new Set(cloudPlaces(parts, defaultCloud).flatMap(({ entry }) => [entry.cloud, nameOf(entry)]));
  for (const { place, value } of parts.entries.racks) {
    if (value.name !== undefined && clouds.has(value.name))
      findings.error(below(place, 'name'), `${value.name} is the name of a cloud.`, 'Take another name.');
  }
}

/** Two builds on one host would spoil each other. */
function checkHosts(parts: Parts, findings: Findings): void {
  const addresses = new Set<string>();
  for (const rack of parts.entries.racks) {
    const names = new Set<string>();
    for (const [index, { name, address }] of (rack.value.hosts ?? []).entries()) {
      const at = below(rack.place, 'hosts', index);
      if (names.has(name)) findings.error(below(at, 'name'), `${name} is there twice.`, 'Names must be unique.');
      if (addresses.has(address))
        findings.error(below(at, 'address'), `${address} is there twice.`, 'A host may be in one rack, once.');
      names.add(name);
      addresses.add(address);
    }
  }
}

function checkCloudLimits(parts: Parts, defaultCloud: string | undefined, findings: Findings): void {
  const used = new Set(cloudPlaces(parts, defaultCloud).map(({ entry }) => nameOf(entry)));
  const seen = new Set<string>();
  for (const { place, value } of parts.entries.clouds) {
    const name = nameOf({ cloud: value.name, region: value.region });
    if (name === undefined) continue;
    if (seen.has(name)) findings.error(below(place, 'name'), `${name} is there twice.`, 'Names must be unique.');
    else if (!used.has(name)) {
      const names = [...used].filter((one) => one !== undefined);
      findings.warning(below(place, 'name'), `no label uses ${name}.`, didYouMean(name, names));
    }
    seen.add(name);
  }
}

function cloudPlaces(parts: Parts, defaultCloud: string | undefined): readonly PlaceOfLabel[] {
  return parts.entries.labels
    .flatMap(({ value }) => placesOf(value, defaultCloud))
    .filter(({ entry }) => entry.rack === undefined && entry.cloud !== undefined);
}

function isGiven({ source, path }: Place): boolean {
  return valueAt(source.content, path) !== undefined;
}
