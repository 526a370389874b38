/** Keys below which Feilong's schemas have a userid. */
const useridKeys = /userid$|^user_profile$|^destination$|^assigner_id$|^dest_zcc_userid$/i;

/**
 * Every userid that Feilong would read out of a call, found without the guard's own code: by its routes, in the query, and by the names of keys
 * however deep; in upper case, as z/VM takes them.
 */
export function namedUserids({ path, body }: { readonly path: string; readonly body: unknown }): readonly string[] {
  const url = new URL(path, 'http://feilong');
  const [first, second, third] = url.pathname.split('/').slice(1).map(decodeURIComponent);
  const collections = ['stats', 'interfacestats', 'nics', 'volumes'];
  const inPath = first === 'guests' && second !== undefined && !collections.includes(second) ? [second] : [];
  const connector = first === 'volumes' && second === 'conn' && third !== undefined ? [third] : [];
  const inQuery = [...url.searchParams].flatMap(([key, text]) => (useridKeys.test(key) ? text.split(/[,\s]+/) : []));
  return [...inPath, ...connector, ...inQuery, ...inBody(body, false)].map((userid) => userid.toUpperCase());
}

function inBody(value: unknown, isUserid: boolean): readonly string[] {
  if (Array.isArray(value)) return value.flatMap((item) => inBody(item, isUserid));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, member]) => inBody(member, useridKeys.test(key)));
  return isUserid ? [String(value)] : [];
}

/** All texts in a body, keys included. */
export function strings(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) => [key, ...strings(member)]);
}
