import { parseChangeReference } from './change-reference.ts';

/** What a `Depends-On:` footer names. */
export type DependsOn =
  | { readonly kind: 'address'; readonly address: string; readonly host: string; readonly number: number }
  /** All open changes with this id, on the Gerrit of the change that has the footer. */
  | { readonly kind: 'change-id'; readonly changeId: string }
  | { readonly kind: 'unreadable'; readonly text: string };

/** Footers read of one commit message; it may be the work of somebody hostile. */
const mostFooters = 100;
const longestFooter = 2000;

/** Zuul's rule: lines anywhere in the message, in any case. Each is told once. */
export function dependsOnFooters(message: string): readonly DependsOn[] {
  const texts = new Set<string>();
  for (const line of message.split('\n')) {
    const [, text = ''] = /^depends-on:([^]*)$/i.exec(line.slice(0, longestFooter)) ?? [];
    if (text.trim() !== '') texts.add(text.trim());
    if (texts.size === mostFooters) break;
  }
  return [...texts].map(parseFooter);
}

function parseFooter(text: string): DependsOn {
  if (/^I[0-9a-f]{40}$/i.test(text)) return { kind: 'change-id', changeId: `I${text.slice(1).toLowerCase()}` };
  const reference = parseChangeReference(text);
  if (reference?.address === undefined) return { kind: 'unreadable', text };
  return { kind: 'address', address: text, host: new URL(text).host, number: reference.number };
}

/**
 * The Gerrit whose web address has this host. A footer without a port means any; scheme and path do not matter: people write `http` for
 * `https`.
 */
export function connectionOfHost<T extends { readonly url: string }>(
  connections: readonly T[],
  host: string,
): T | undefined {
  const asked = new URL(`http://${host}`);
  return connections.find(({ url }) => {
    const { hostname, port } = new URL(url);
    return hostname === asked.hostname && (asked.port === '' || port === asked.port);
  });
}
