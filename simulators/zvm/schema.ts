/** The part of JSON Schema that Feilong's own schemas use, with the messages of Python's jsonschema. */
export interface Schema {
  readonly type: readonly SchemaType[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly pattern?: RegExp;
  /** The pattern as Feilong has it, where JavaScript writes it differently. */
  readonly python?: string;
  /** Feilong has several schemas here, of which one must fit: it does not say more. */
  readonly oneOf?: true;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly values?: readonly string[];
  /** Properties that are not listed are refused. */
  readonly closed?: true;
}

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';

export const text: Schema = { type: ['string'] };
export const userid: Schema = { type: ['string'], maxLength: 8, pattern: /^\w{0,8}$/, python: '^(\\w{,8})$' };
export const positive: Schema = { type: ['integer', 'string'], minimum: 1, pattern: /^[0-9]*$/ };
export const duration: Schema = { type: ['integer', 'string'], minimum: 0, pattern: /^[0-9]*$/ };
export const switchable: Schema = { type: ['boolean', 'string'] };
export const vdev: Schema = {
  type: ['string'],
  maxLength: 4,
  pattern: /^[0-9a-fA-F]{0,4}$/,
  python: '^[0-9a-fA-F]{,4}$',
};
export const mac: Schema = { type: ['string'], pattern: /^([0-9a-fA-F]{2})(:[0-9a-fA-F]{2}){5}$/ };
export const diskPoolName: Schema = { type: ['string'], pattern: /^\w+:\w+$/ };
export const vswitchName: Schema = { type: ['string'], maxLength: 8 };
export const fileSystem: Schema = { type: ['string'], values: ['ext2', 'ext3', 'ext4', 'xfs', 'swap', 'none'] };
export const url: Schema = {
  type: ['string'],
  pattern: /^https?:\/{2}|^file:\/{3}\w.+$/,
  python: '^https?:/{2}|^file:/{3}\\w.+$',
};
export const remoteHost: Schema = {
  type: ['string'],
  pattern: /^[a-zA-Z0-9-]+@([0-9]{1,3}(.[0-9]{1,3}){3}$|[a-zA-Z0-9-]+(.[a-zA-Z0-9-]){1,}$)/,
  python: '^[a-zA-Z0-9\\-]+\\@([0-9]{1,3}(.[0-9]{1,3}){3}$|[a-zA-Z0-9\\-]+(.[a-zA-Z0-9\\-]){1,}$)',
};
export const osVersion: Schema = {
  type: ['string'],
  oneOf: true,
  pattern:
    /^(rhel[6-9](\.\d)?|redhat[67](\.\d)?|(sles|suse)(11|12|15)((\.|sp)\d)?|ubuntu(16|20|22)(\.\d{2})?(\.\d)?|rhcos4(\.\d{1,2}){0,2})$/i,
};

export function record(properties: Readonly<Record<string, Schema>>, required: readonly string[] = []): Schema {
  return { type: ['object'], properties, required, closed: true };
}

/** A body with one named part. */
export function wrapped(name: string, part: Schema): Schema {
  return record({ [name]: part }, [name]);
}

export function list(items: Schema): Schema {
  return { type: ['array'], items };
}

/** Feilong writes it as "null or the other". */
export function orNull(schema: Schema): Schema {
  return { ...schema, type: [...schema.type, 'null'], oneOf: true };
}
