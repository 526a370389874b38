import type { CarryWish } from '../domain/carry.ts';
import { connectionOfHost } from '../domain/depends-on.ts';
import { below } from './findings.ts';
import type { Findings, Place } from './findings.ts';
import { checkKnown, checkUnique } from './names.ts';
import type { SectionEntry } from './schema/root.ts';
import type { Parts } from './sections.ts';

type Gerrits = readonly Partial<SectionEntry<'gerrit'>>[];
type CarryEntry = NonNullable<SectionEntry<'jobs'>['carry']>[number];

/** Each carried change is on a Gerrit that is configured, and is named once. */
export function checkCarry(
  entries: readonly CarryEntry[] | undefined,
  place: Place,
  { parts, findings }: { readonly parts: Parts; readonly findings: Findings },
): void {
  const gerrits = parts.entries.gerrit.map(({ value }) => value);
  const named = (entries ?? []).map((entry, index) => {
    const at = below(place, index);
    const connection = connectionOf(entry, gerrits);
    if (entry.gerrit !== undefined)
      checkKnown(entry.gerrit, parts.names.gerrit, { place: below(at, 'gerrit'), what: 'Gerrit' }, findings);
    const mistake = mistakeOf(entry, gerrits);
    if (mistake !== undefined) findings.error(below(at, mistake.key), mistake.what, mistake.todo);
    return { place: below(at, 'change'), name: connection && `change ${entry.change.number} on ${connection}` };
  });
  checkUnique(named, findings);
}

/** As the flow knows them. */
export function toCarry(
  entries: readonly CarryEntry[] | undefined,
  gerrits: Gerrits,
): readonly CarryWish[] | undefined {
  return entries?.map((entry) => {
    const connection = connectionOf(entry, gerrits);
    if (connection === undefined) throw new Error('a configuration without problems must be complete');
    return { connection, number: entry.change.number, reason: entry.reason, branches: entry.branches };
  });
}

function mistakeOf({ change, gerrit }: CarryEntry, gerrits: Gerrits) {
  if (change.address === undefined) {
    if (gerrit !== undefined || gerrits.length < 2) return undefined;
    return {
      key: 'change',
      what: 'there are several Gerrits.',
      todo: 'Say which one with `gerrit`, or give the address.',
    };
  }
  const addressed = gerritOfAddress(change.address, gerrits);
  // One whose address cannot be read is its own mistake.
  if (addressed === undefined)
    return gerrits.every(({ name, url }) => name !== undefined && url !== undefined)
      ? { key: 'change', what: 'no Gerrit of this address is configured.', todo: 'Check it against `url` in `gerrit`.' }
      : undefined;
  if (gerrit === undefined || gerrit === addressed) return undefined;
  return { key: 'gerrit', what: `the address is one of ${addressed}.`, todo: 'Leave `gerrit` out.' };
}

function connectionOf({ change, gerrit }: CarryEntry, gerrits: Gerrits): string | undefined {
  if (gerrit !== undefined) return gerrit;
  if (change.address !== undefined) return gerritOfAddress(change.address, gerrits);
  return gerrits.length === 1 ? gerrits[0]?.name : undefined;
}

function gerritOfAddress(address: string, gerrits: Gerrits): string | undefined {
  const known = gerrits.flatMap(({ name, url }) => (name === undefined || url === undefined ? [] : [{ name, url }]));
  return connectionOfHost(known, new URL(address).host)?.name;
}
