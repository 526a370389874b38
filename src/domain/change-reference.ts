/** A change as people name it. */
export interface ChangeReference {
  readonly number: number;
  /** Undefined: the current one. */
  readonly patchset: number | undefined;
  /** The address it was copied from; undefined: a bare number. */
  readonly address: string | undefined;
}

const longest = 2000;

/**
 * | text                                                     | change | patchset |
 * |----------------------------------------------------------|--------|----------|
 * | `12345`                                                  | 12345  | current  |
 * | `12345,2`, `12345/2`                                     | 12345  | 2        |
 * | `https://review.example/c/openstack/nova/+/12345`        | 12345  | current  |
 * | `https://review.example/c/openstack/nova/+/12345/2/a.py` | 12345  | 2        |
 * | `https://review.example/c/openstack/nova/+/12345/1..2`   | 12345  | 2        |
 * | `https://review.example/12345`, `…/#/c/12345/2`          | 12345  | as told  |
 */
export function parseChangeReference(text: string): ChangeReference | undefined {
  const trimmed = text.trim();
  if (trimmed.length > longest) return undefined;
  if (/^https?:\/\//i.test(trimmed)) return parseAddress(trimmed);
  const [, number, patchset] = /^(\d{1,9})(?:[,/](\d{1,6}))?$/.exec(trimmed) ?? [];
  return number === undefined ? undefined : reference(number, patchset, undefined);
}

function parseAddress(text: string): ChangeReference | undefined {
  if (!URL.canParse(text)) return undefined;
  const { pathname, hash } = new URL(text);
  const path = hash.startsWith('#/c/') ? hash.slice(1) : pathname;
  const [, number, patchset] =
    /\/\+\/(\d{1,9})(?:\/(?:\d{1,6}\.\.)?(\d{1,6}))?(?:\/|$)/.exec(path) ??
    /^\/(?:c\/)?(\d{1,9})(?:\/(?:\d{1,6}\.\.)?(\d{1,6}))?(?:\/|$)/.exec(path) ??
    [];
  return number === undefined ? undefined : reference(number, patchset, text);
}

function reference(number: string, patchset: string | undefined, address: string | undefined): ChangeReference {
  return { number: Number(number), patchset: patchset === undefined ? undefined : Number(patchset), address };
}
