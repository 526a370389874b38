import type { GuardScope } from './decision.ts';

/** Reads one value, or says in a word or two what is wrong with it. */
export type Shape<T> = (value: unknown, scope: GuardScope) => { readonly ok: T } | { readonly wrong: string };

type Members = Readonly<Record<string, Shape<unknown>>>;
type Read<S> = S extends Shape<infer T> ? T : never;

/** Exactly these members; those of `optional` may be absent. What Feilong knows and nova never sends is refused with the unknown. */
export function object<R extends Members, O extends Members>(
  required: R,
  optional: O,
): Shape<{ [K in keyof R]: Read<R[K]> } & { [K in keyof O]?: Read<O[K]> }> {
  const known = new Map([...Object.entries(required), ...Object.entries(optional)]);
  return (value, scope) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return { wrong: 'is no object' };
    const read: Record<string, unknown> = {};
    for (const [key, member] of Object.entries(value)) {
      const shape = known.get(key);
      if (!shape) return { wrong: `has ${JSON.stringify(key.slice(0, 40))}, which no worker needs` };
      const result = shape(member, scope);
      if ('wrong' in result) return { wrong: `${key}: ${result.wrong}` };
      read[key] = result.ok;
    }
    const missing = Object.keys(required).find((key) => !Object.hasOwn(read, key));
    return missing === undefined ? { ok: read as never } : { wrong: `has no ${missing}` };
  };
}

export function list<T>(of: Shape<T>, max: number): Shape<readonly T[]> {
  return (value, scope) => {
    if (!Array.isArray(value) || value.length > max) return { wrong: `is no list of at most ${max}` };
    const read: T[] = [];
    for (const item of value) {
      const result = of(item, scope);
      if ('wrong' in result) return result;
      read.push(result.ok);
    }
    return { ok: read };
  };
}

/** Text of one form. */
export function text(form: RegExp): Shape<string> {
  return (value) => (typeof value === 'string' && form.test(value) ? { ok: value } : { wrong: 'is not of its form' });
}

export function oneOf<T>(...values: readonly T[]): Shape<T> {
  return (value) => {
    const found = values.find((one) => one === value);
    return found === undefined ? { wrong: 'is none of its values' } : { ok: found };
  };
}

/** Feilong takes numbers as text too. */
export function wholeNumber(min: number, max: number): Shape<number> {
  return (value) => {
    const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value;
    const fits = typeof number === 'number' && Number.isInteger(number) && number >= min && number <= max;
    return fits ? { ok: number } : { wrong: `is no whole number from ${min} to ${max}` };
  };
}

export function orNull<T>(shape: Shape<T>): Shape<T | null> {
  return (value, scope) => (value === null ? { ok: null } : shape(value, scope));
}
