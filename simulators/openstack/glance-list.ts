import { asText } from './http.ts';

type View = Readonly<Record<string, unknown>>;

const notFilters = new Set(['limit', 'marker', 'sort', 'sort_key', 'sort_dir', 'member_status']);

/** Every other query parameter names a field or a property; `in:a,b` means either. */
export function matchesImage(view: View, query: URLSearchParams): boolean {
  return [...query].every(([key, wanted]) => {
    if (notFilters.has(key)) return true;
    if (key === 'tag') return (view['tags'] as readonly string[]).includes(wanted);
    if (key === 'visibility' && wanted === 'all') return true;
    const value = view[key];
    const text = asText(value);
    if (typeof value === 'boolean') return text === wanted.toLowerCase();
    if (wanted.startsWith('in:')) return listOf(wanted.slice(3)).includes(text);
    return text === wanted;
  });
}

/** Values that hold commas are in quotes. */
function listOf(text: string): readonly string[] {
  return [...text.matchAll(/"([^"]*)"|([^,]+)/gu)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}

/** Glance sorts newest first unless told otherwise. */
export function compareImages(a: View, b: View, query: URLSearchParams): number {
  for (const { key, ascending } of sortKeys(query)) {
    const order = compareValues(a[key], b[key]);
    if (order !== 0) return ascending ? order : -order;
  }
  return 0;
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return asText(a).localeCompare(asText(b));
}

/** `sort=name:asc,created_at` or `sort_key=name&sort_dir=asc`; the id decides last. */
function sortKeys(query: URLSearchParams): readonly { key: string; ascending: boolean }[] {
  const modern = (query.get('sort') ?? '').split(',').filter((entry) => entry !== '');
  const directions = query.getAll('sort_dir');
  const keys =
    modern.length > 0
      ? modern.map((entry) => ({ key: entry.split(':')[0] ?? '', ascending: entry.endsWith(':asc') }))
      : query.getAll('sort_key').map((key, index) => ({
          key,
          ascending: (directions[index] ?? directions[0] ?? 'desc') === 'asc',
        }));
  const first = keys[0] ?? { key: 'created_at', ascending: false };
  return [
    ...(keys.length > 0 ? keys : [first]),
    { key: 'created_at', ascending: false },
    { key: 'id', ascending: first.ascending },
  ];
}
