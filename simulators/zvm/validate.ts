import { Refusal, restRefusal } from './reply.ts';
import { diskPoolName } from './schema.ts';
import type { Schema, SchemaType } from './schema.ts';

/** Nesting shown in an error text; no real request is deeper. */
const maxDepth = 20;

interface Violation {
  readonly field: string | undefined;
  readonly value: unknown;
  readonly message: string;
}

/** Refuses a body that does not fit the schema with Feilong's 400. */
export function validate(schema: Schema, value: unknown): void {
  refuse(findViolation(schema, value, undefined), 'field/attribute');
}

/** Userids in the path, of reads only: they may be lists. */
export function validateUserid(userid: string): void {
  const list = { type: ['string'], pattern: /^(\s*\w{1,8}\s*)(,\s*\w{1,8}\s*){0,}$/ } satisfies Schema;
  refuse(findViolation(list, userid, 'userid'), 'query parameters');
}

/** The only parameters of a query for a disk pool. */
export function validatePoolQuery(query: URLSearchParams, allowed: readonly string[]): void {
  const extra = [...query.keys()].find((name) => !allowed.includes(name));
  if (extra !== undefined)
    refuse({ field: undefined, value: undefined, message: unexpected(extra) }, 'query parameters');
  const name = query.get('poolname');
  if (name !== null) refuse(findViolation(diskPoolName, name, '0'), 'query parameters');
}

function refuse(violation: Violation | undefined, kind: string): void {
  if (violation === undefined) return;
  const where = `Invalid input for ${kind} ${violation.field}. Value: ${pythonText(violation.value)}. `;
  const detail = violation.field === undefined ? violation.message : `${where}${violation.message}`;
  throw new Refusal(restRefusal(400, `ValidationError: Validation error: ${detail}`));
}

function findViolation(schema: Schema, value: unknown, field: string | undefined): Violation | undefined {
  const message = typeViolation(schema, value) ?? scalarViolation(schema, value) ?? nameViolation(schema, value);
  if (message !== undefined) return { field, value, message: schema.oneOf ? noneFits(value) : message };
  if (typeof value !== 'object' || value === null) return undefined;

  for (const [name, item] of Object.entries(value)) {
    const inner = Array.isArray(value) ? schema.items : schema.properties?.[name];
    const violation = inner && findViolation(inner, item, name);
    if (violation) return violation;
  }
  return undefined;
}

function typeViolation(schema: Schema, value: unknown): string | undefined {
  return schema.type.includes(typeOf(value))
    ? undefined
    : `${repr(value)} is not of type ${schema.type.map((name) => repr(name)).join(', ')}`;
}

/** Names of an object's properties: one that is missing, or one too many. */
function nameViolation(schema: Schema, value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  const missing = schema.required?.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return `${repr(missing)} is a required property`;
  const extra = Object.keys(value).find(
    (name) => schema.closed === true && !Object.hasOwn(schema.properties ?? {}, name),
  );
  return extra === undefined ? undefined : unexpected(extra);
}

function unexpected(name: string): string {
  return `Additional properties are not allowed (${repr(name)} was unexpected)`;
}

function noneFits(value: unknown): string {
  return `${repr(value)} is not valid under any of the given schemas`;
}

function scalarViolation(schema: Schema, value: unknown): string | undefined {
  if (typeof value === 'number') return rangeViolation(schema, value);
  if (typeof value !== 'string') return undefined;
  if (schema.values && !schema.values.includes(value)) return `${repr(value)} is not one of ${repr(schema.values)}`;
  if (schema.maxLength !== undefined && value.length > schema.maxLength) return `${repr(value)} is too long`;
  if (schema.pattern && !schema.pattern.test(value))
    return `${repr(value)} does not match ${repr(schema.python ?? schema.pattern.source)}`;
  return undefined;
}

function rangeViolation({ maximum, minimum }: Schema, value: number): string | undefined {
  if (minimum !== undefined && value < minimum) return `${value} is less than the minimum of ${minimum}`;
  if (maximum !== undefined && value > maximum) return `${value} is greater than the maximum of ${maximum}`;
  return undefined;
}

/** Of a value that came as JSON. */
function typeOf(value: unknown): SchemaType {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  if (typeof value === 'string') return 'string';
  return typeof value === 'boolean' ? 'boolean' : 'object';
}

/** As Python prints it in a text. */
function pythonText(value: unknown): string {
  return typeof value === 'string' ? value : repr(value);
}

function repr(value: unknown, depth = 0): string {
  if (depth > maxDepth) return '...';
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (Array.isArray(value)) return `[${value.map((item) => repr(item, depth + 1)).join(', ')}]`;
  if (typeof value === 'object')
    return `{${Object.entries(value)
      .map(([name, item]) => `'${name}': ${repr(item, depth + 1)}`)
      .join(', ')}}`;
  return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
}

function quoted(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
  if (value.includes("'") && !value.includes('"')) return `"${escaped}"`;
  return `'${escaped.replaceAll("'", "\\'")}'`;
}
