import { z } from 'zod';
import type { $ZodIssue, $ZodType } from 'zod/v4/core';
import { didYouMean } from './did-you-mean.ts';
import { below } from './findings.ts';
import type { Findings, Place } from './findings.ts';
import type { Path } from './problem.ts';

/** What was checked, against what, and where it stands. */
export interface Checked {
  readonly schema: z.ZodType;
  readonly content: unknown;
  readonly place: Place;
}

/** What a schema found, in words: what is wrong, and what the key is for. */
export function reportIssues(error: z.ZodError, checked: Checked, findings: Findings): void {
  const { schema, content: root, place } = checked;
  for (const issue of error.issues.slice(0, 200)) {
    const at = below(place, ...issue.path);
    const target = schemaAt(schema, issue.path);
    if (issue.code === 'unrecognized_keys') {
      for (const key of issue.keys) findings.error(below(at, key), 'unknown key.', didYouMean(key, keysOf(target)));
    } else {
      const purpose = descriptionOf(target);
      findings.error(
        at,
        `${whatIsWrong(issue, valueAt(root, issue.path))}.`,
        purpose === undefined ? '' : `It is: ${purpose}.`,
      );
    }
  }
}

function whatIsWrong(issue: $ZodIssue, value: unknown): string {
  if (value === undefined && issue.code !== 'custom') return 'is missing';
  if (issue.code === 'invalid_type' && issue.message.startsWith('Invalid input')) {
    return `must be ${words[issue.expected] ?? issue.expected}, is ${shown(value)}`;
  }
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.map(String).join(', ')}, is ${shown(value)}`;
  if (issue.code === 'too_small') return tooSmall(issue.origin, issue.minimum, value);
  if (issue.code === 'too_big') return tooBig(issue.origin, issue.maximum);
  if (issue.code === 'invalid_key') return issue.issues[0]?.message ?? issue.message;
  return issue.message;
}

function tooSmall(origin: string, minimum: number | bigint, value: unknown): string {
  return origin === 'array' || origin === 'string' ? 'is empty' : `must be at least ${minimum}, is ${shown(value)}`;
}

function tooBig(origin: string, maximum: number | bigint): string {
  const units: Readonly<Record<string, string>> = { string: ' characters', array: ' entries' };
  return `must be at most ${maximum}${units[origin] ?? ''}`;
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

/** The kind of a value and, for numbers and the like, the value. Texts are not repeated: one may be a secret at the wrong place. */
function shown(value: unknown): string {
  if (value === null) return 'empty';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return typeof value === 'object' ? 'a map of keys' : 'another text';
}

export function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}

/** The schema of the value at `path`, as far as it can be followed. */
function schemaAt(root: $ZodType, path: Path): $ZodType | undefined {
  let schema: $ZodType | undefined = root;
  for (const step of path) {
    const inner: $ZodType | undefined = schema && unwrapped(schema);
    if (inner instanceof z.ZodObject) schema = (inner.shape as Record<PropertyKey, $ZodType>)[step];
    else if (inner instanceof z.ZodArray) schema = inner.element as $ZodType;
    else if (inner instanceof z.ZodRecord) schema = inner.valueType as $ZodType;
    else return undefined;
  }
  return schema;
}

function unwrapped(schema: $ZodType): $ZodType {
  if (isWrapper(schema)) return unwrapped(schema.unwrap() as $ZodType);
  if (schema instanceof z.ZodPipe) return unwrapped(schema.in as $ZodType);
  return schema;
}

/** `describe` belongs to one layer of a schema; defaults and options lie around it. */
function descriptionOf(schema: $ZodType | undefined): string | undefined {
  if (!(schema instanceof z.ZodType)) return undefined;
  if (schema.description !== undefined) return schema.description;
  if (isWrapper(schema)) return descriptionOf(schema.unwrap() as $ZodType);
  return undefined;
}

function keysOf(schema: $ZodType | undefined): readonly string[] {
  const inner = schema && unwrapped(schema);
  return inner instanceof z.ZodObject ? Object.keys(inner.shape as object) : [];
}

function isWrapper(schema: $ZodType): schema is z.ZodOptional | z.ZodNullable | z.ZodDefault | z.ZodPrefault {
  return (
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodNullable ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  );
}
