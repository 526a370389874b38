import { below } from './findings.ts';
import type { Findings, Place } from './findings.ts';
import { checkPrefixes } from './prefixes.ts';
import type { BackendEntry, WindowEntry } from './schema/back.ts';
import type { Entry } from './sections.ts';
import { checkSharedRanges } from './shared-ranges.ts';

type BackendEntries = readonly Entry<BackendEntry>[];

/** Words a job uses for kinds of back ends. */
export const backendKinds: readonly string[] = ['shared', 'dedicated', 'any'];

/** What no single key of a back end can see: keys that belong together, and what back ends of one system must not share. */
export function checkBackends(backends: BackendEntries, findings: Findings): void {
  for (const { place, value } of backends) {
    checkKind(value, place, findings);
    checkDriver(place, findings);
    checkGuard(value, place, findings);
    for (const [index, window] of (value.maintenance ?? []).entries())
      checkWindow(window, below(place, 'maintenance', index), findings);
  }
  checkPrefixes(backends, findings);
  checkSharedRanges(backends, findings);
}

function checkKind({ name, kind, slots }: Partial<BackendEntry>, place: Place, findings: Findings): void {
  if (backendKinds.includes(name ?? ''))
    findings.error(below(place, 'name'), `${name} is the word for a kind of back end.`, 'Take another name.');
  if (kind !== 'dedicated' || !slots || slots.length === 1) return;
  findings.error(
    below(place, 'slots'),
    'a dedicated back end has exactly one slot.',
    'Remove the others, or make it shared.',
  );
}

/** Keys that only mean something with Feilong. */
const feilongKeys = ['url', 'token', 'ca_file', 'guard'] as const;

function checkDriver(place: Place, findings: Findings): void {
  const content = rawKeys(place);
  if (!content.has('command')) {
    if (!content.has('url')) findings.error(place, 'needs `url` (a z/VM behind Feilong) or `command` (anything else).');
    return;
  }
  for (const key of feilongKeys)
    if (content.has(key))
      findings.error(below(place, key), 'has no meaning beside `command`.', 'Remove one of the two.');
}

function checkGuard(value: Partial<BackendEntry>, place: Place, findings: Findings): void {
  const keys = rawKeys(place);
  if (!keys.has('url')) return;
  if (keys.has('guard') === (value.direct_access ?? false)) {
    findings.error(
      place,
      keys.has('guard') ? '`guard` and `direct_access` exclude each other.' : 'needs `guard`.',
      'Without a guard one worker’s nova can delete the guests of all: only `direct_access: true` allows that.',
    );
  }
  const { guard, slots } = value;
  if (!guard) return;
  const guardPlace = below(place, 'guard');
  if ((guard.certificate === undefined) !== (guard.key === undefined))
    findings.error(guardPlace, '`certificate` and `key` belong together.');
  const ports = guard.ports && guard.ports.last - guard.ports.first + 1;
  if (ports !== undefined && slots && ports < slots.length)
    findings.error(below(guardPlace, 'ports'), `are ${ports} for ${slots.length} slots.`, 'Each slot needs one.');
}

/** The keys as written, those with mistakes too: a wrong `url` is no missing one. */
function rawKeys({ source, path }: Place): ReadonlySet<string> {
  const [section, index] = path as [string, number];
  const list = (source.content as Record<string, unknown>)[section];
  const entry: unknown = Array.isArray(list) ? list[index] : undefined;
  return new Set(typeof entry === 'object' && entry !== null ? Object.keys(entry) : []);
}

function checkWindow({ from, until, every, at, length }: WindowEntry, place: Place, findings: Findings): void {
  const once = [from, until].filter((value) => value !== undefined).length;
  const weekly = [every, at, length].filter((value) => value !== undefined).length;
  if (!(once === 2 && weekly === 0) && !(once === 0 && weekly === 3)) {
    findings.error(place, 'needs either `from` and `until`, or `every`, `at` and `length`.');
    return;
  }
  if (from !== undefined && until !== undefined && until <= from)
    findings.error(below(place, 'until'), 'is not after `from`.');
}
