import { readdirSync, readFileSync } from 'node:fs';
import type { RestRequest } from './kit.ts';

const folder = new URL('../../../test/fixtures/gerrit/', import.meta.url);

export interface RestSample {
  readonly request: RestRequest;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface SshSample {
  readonly user: string;
  readonly cmd: string;
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8'));
}

export function restSample(name: string): RestSample {
  return read(name) as RestSample;
}

export function sshSample(name: string): SshSample {
  return read(name) as SshSample;
}

export function sampleNames(prefix: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith('.json'))
    .map((name) => name.replace(/\.json$/, ''))
    .toSorted();
}

/** What the stream said at one step of the recording. */
export function recordedEvents(step: string): Record<string, unknown>[] {
  const all = read('stream-events-labelled') as { step: string; event: Record<string, unknown> }[];
  return all.filter((entry) => entry.step === step).map(({ event }) => event);
}

/** The same but for what differs between any two runs: commit ids, times and ports. */
export function normalized(value: unknown): unknown {
  if (typeof value === 'string') {
    return value
      .replaceAll(/(?<![I0-9a-f])[0-9a-f]{40}(?![0-9a-f])/g, (id) => (/^0+$/.test(id) ? 'none' : 'commit'))
      .replaceAll(/127\.0\.0\.1:\d+/g, 'host');
  }
  if (Array.isArray(value)) return value.map(normalized);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => [key, isTime(key, field) ? 'seconds' : normalized(field)]),
  );
}

function isTime(key: string, field: unknown): boolean {
  return (
    typeof field === 'number' && ['createdOn', 'eventCreatedOn', 'lastUpdated', 'grantedOn', 'timestamp'].includes(key)
  );
}

/** Keys that hold a map by id: its values count, not its keys. */
const maps = new Set(['attention_set', 'removed_from_attention_set', 'revisions', 'files']);

/** Only which fields there are and of what type, every array and map as the shapes found in it. */
export function shape(value: unknown, ignored: ReadonlySet<string> = new Set(), key = ''): unknown {
  if (Array.isArray(value)) return { each: unique(value.map((item) => shape(item, ignored))) };
  if (typeof value !== 'object' || value === null) return typeof value;
  if (maps.has(key)) return { each: unique(Object.values(value).map((item) => shape(item, ignored))) };
  const fields = Object.entries(value).filter(([name]) => !ignored.has(name));
  return Object.fromEntries(
    fields
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([name, field]) => [name, shape(field, ignored, name)]),
  );
}

function unique(shapes: readonly unknown[]): string[] {
  return [...new Set(shapes.map((item) => JSON.stringify(item)))].toSorted();
}
