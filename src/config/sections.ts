import type { z } from 'zod';
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
  /** The entries of a list that are right in themselves. */
  readonly entries: { readonly [Name in SectionName]: readonly Entry<SectionEntry<Name>>[] };
  /** Names in a list, those of wrong entries too: a reference to one is no second mistake. */
  readonly names: { readonly [Name in SectionName]: readonly string[] };
}

export interface Entry<Value> {
  readonly place: Place;
  readonly value: Value;
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
    entries: {
      gerrit: each('gerrit'),
      labels: each('labels'),
      backends: each('backends'),
      jobs: each('jobs'),
      pipelines: each('pipelines'),
      projects: each('projects'),
    },
    names: {
      gerrit: namesOf(source, 'gerrit'),
      labels: namesOf(source, 'labels'),
      backends: namesOf(source, 'backends'),
      jobs: namesOf(source, 'jobs'),
      pipelines: namesOf(source, 'pipelines'),
      projects: namesOf(source, 'projects'),
    },
  };
}

function entriesOf<Value>(source: YamlFile, section: string, schema: z.ZodType): readonly Entry<Value>[] {
  return listOf(source, section).flatMap((item, index) => {
    const result = schema.safeParse(item);
    return result.success ? [{ place: { source, path: [section, index] }, value: result.data as Value }] : [];
  });
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
