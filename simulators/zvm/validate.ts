import { Refusal, restRefusal } from './reply.ts';
import type { Schema, SchemaType } from './schema.ts';

/** Nesting shown in an error text; no real request is deeper. */
const maxDepth = 20;

interface Violation {
  readonly field: string | undefined;
  readonly value: unknown;
  readonly message: string;
}

/** Refuses what does not fit the schema with Feilong's 400. */
export function validate(schema: Schema, value: unknown): void {
  const violation = findViolation(schema, value, undefined);
  if (violation === undefined) return;
  const where = `Invalid input for field/attribute ${violation.field}. Value: ${pythonText(violation.value)}. `;
  const detail = violation.field === undefined ? violation.message : `${where}${violation.message}`;
  throw new Refusal(restRefusal(400, `ValidationError: Validation error: ${detail}`));
}

function findViolation(schema: Schema, value: unknown, field: string | undefined): Violation | undefined {
  const message = typeViolation(schema, value) ?? scalarViolation(schema, value) ?? nameViolation(schema, value);
  if (message !== undefined) return { field, value, message };
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
  return extra === undefined ? undefined : `Additional properties are not allowed (${repr(extra)} was unexpected)`;
}

function scalarViolation(schema: Schema, value: unknown): string | undefined {
  if (typeof value === 'number' && schema.minimum !== undefined && value < schema.minimum) {
    return `${value} is less than the minimum of ${schema.minimum}`;
  }
  if (typeof value !== 'string') return undefined;
  if (schema.maxLength !== undefined && value.length > schema.maxLength) return `${repr(value)} is too long`;
  if (schema.pattern && !schema.pattern.test(value))
    return `${repr(value)} does not match ${repr(schema.pattern.source)}`;
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
  return typeof value === 'string' ? `'${value}'` : JSON.stringify(value);
}
