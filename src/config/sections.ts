import { z } from 'zod';
import { reportIssues } from './zod-problems.ts';
import type { Findings, Place } from './findings.ts';
import { rootSchema, sections } from './schema/root.ts';
import type { Root, SectionEntry, SectionName } from './schema/root.ts';
import type { YamlFile } from './yaml-file.ts';

/** The file in parts: what is right can be used and checked further, even beside what is wrong. */
export interface Parts {
  readonly source: YamlFile;
  /** Undefined: something is wrong somewhere. */
  readonly root: Root | undefined;
  /** The keys that are right in themselves. */
  readonly keys: Partial<Root>;
  /** The entries of each list, with those of their keys that are right in themselves. */
  readonly entries: { readonly [Name in SectionName]: readonly Entry<SectionEntry<Name>>[] };
  /** Names in a list, those of wrong entries too: a reference to one is no second mistake. */
  readonly names: { readonly [Name in SectionName]: readonly string[] };
}

export interface Entry<Value> {
  readonly place: Place;
  readonly value: Partial<Value>;
}

export function readParts(source: YamlFile, findings: Findings): Parts {
  const whole: Place = { source, path: [] };
  const result = rootSchema.safeParse(source.content);
  if (!result.success)
    reportIssues(result.error, { schema: rootSchema, content: source.content, place: whole }, findings);
  const each = <Name extends SectionName>(name: Name) => entriesOf<SectionEntry<Name>>(source, name, sections[name]);
  return {
    source,
    root: result.data,
    keys: rightKeys<Root>(rootSchema, source.content),
    entries: {
      gerrit: each('gerrit'),
      clouds: each('clouds'),
      racks: each('racks'),
      labels: each('labels'),
      backends: each('backends'),
      jobs: each('jobs'),
      pipelines: each('pipelines'),
      projects: each('projects'),
    },
    names: {
      gerrit: namesOf(source, 'gerrit'),
      clouds: namesOf(source, 'clouds'),
      racks: namesOf(source, 'racks'),
      labels: namesOf(source, 'labels'),
      backends: namesOf(source, 'backends'),
      jobs: namesOf(source, 'jobs'),
      pipelines: namesOf(source, 'pipelines'),
      projects: namesOf(source, 'projects'),
    },
  };
}

function entriesOf<Value>(source: YamlFile, section: string, schema: z.ZodObject): readonly Entry<Value>[] {
  return listOf(source, section).map((item, index) => ({
    place: { source, path: [section, index] },
    value: rightKeys<Value>(schema, item),
  }));
}

/** Each key is checked on its own, so that one mistake does not hide others beside it. */
function rightKeys<Value>(schema: z.ZodObject, content: unknown): Partial<Value> {
  if (typeof content !== 'object' || content === null) return {};
  const right = Object.entries(schema.shape).flatMap(([key, keySchema]) => {
    const value = Object.hasOwn(content, key) ? (content as Record<string, unknown>)[key] : undefined;
    const result = z.safeParse(keySchema, value);
    return result.success && result.data !== undefined ? [[key, result.data]] : [];
  });
  return Object.fromEntries(right) as Partial<Value>;
}

function namesOf(source: YamlFile, section: string): readonly string[] {
  return listOf(source, section).flatMap((item) => {
    const name = typeof item === 'object' && item !== null && 'name' in item ? item.name : undefined;
    return typeof name === 'string' ? [name] : [];
  });
}

function listOf(source: YamlFile, section: string): readonly unknown[] {
  const { content } = source;
  if (typeof content !== 'object' || content === null || !Object.hasOwn(content, section)) return [];
  const list = (content as Record<string, unknown>)[section];
  return Array.isArray(list) ? list.slice(0, 1000) : [];
}
