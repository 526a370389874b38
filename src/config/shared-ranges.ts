import { below } from './findings.ts';
import type { Findings, Place } from './findings.ts';
import type { BackendEntry } from './schema/back.ts';
import { parseAddressRange } from './schema/ranges.ts';
import type { Range } from './schema/ranges.ts';
import type { Entry } from './sections.ts';

interface Claim {
  readonly place: Place;
  readonly what: string;
  readonly range: Range;
}

/** MAC addresses, addresses and VLANs: workers on one z/VM share its networks, whichever back end they came by. */
export function checkSharedRanges(backends: readonly Entry<BackendEntry>[], findings: Findings): void {
  for (const entries of Map.groupBy(backends, ({ value }) => value.system ?? value.name).values()) {
    for (const key of ['base_mac', 'addresses', 'vlans'] as const) checkOverlap(claimsOf(entries, key), findings);
  }
  checkGuardPorts(backends, findings);
}

function claimsOf(entries: readonly Entry<BackendEntry>[], key: 'base_mac' | 'addresses' | 'vlans'): readonly Claim[] {
  return entries.flatMap(({ place, value }) =>
    (value.slots ?? []).flatMap((slot, index) => {
      const range = rangeOf(slot[key]);
      return range
        ? [{ place: below(place, 'slots', index, key), what: `${slot.prefix} of ${value.name}`, range }]
        : [];
    }),
  );
}

function rangeOf(value: string | Range | undefined): Range | undefined {
  if (typeof value !== 'string') return value;
  if (!value.includes(':')) return parseAddressRange(value);
  const first = Number.parseInt(value.replaceAll(':', ''), 16);
  return { first, last: first + 0xffff };
}

function checkOverlap(claims: readonly Claim[], findings: Findings): void {
  for (const [index, claim] of claims.entries()) {
    const other = claims.slice(0, index).find(({ range }) => overlap(range, claim.range));
    if (other) findings.error(claim.place, `overlaps with that of ${other.what}.`, 'They are on one system.');
  }
}

/** Guards of one machine cannot listen on the same port. */
function checkGuardPorts(backends: readonly Entry<BackendEntry>[], findings: Findings): void {
  const claims = backends.flatMap(({ place, value: { name, guard } }) =>
    guard?.ports ? [{ place: below(place, 'guard', 'ports'), what: `${name}`, range: guard.ports, guard }] : [],
  );
  for (const [index, claim] of claims.entries()) {
    const other = claims
      .slice(0, index)
      .find(({ range, guard }) => guard.address === claim.guard.address && overlap(range, claim.range));
    if (other) findings.error(claim.place, `overlaps with that of ${other.what}.`, 'Each guard has a port of its own.');
  }
}

function overlap(one: Range, other: Range): boolean {
  return one.first <= other.last && other.first <= one.last;
}
