/** Ids of requests to OpenStack that a failed test speaks of. */
export interface RequestIds {
  /** In its reason or traceback: most likely what failed. In the order in which they stand there. */
  readonly named: readonly string[];
  /** Of its last requests, the newest first. */
  readonly last: readonly string[];
}

/** What is looked at, and given, of one test: what it says comes from the test server. */
const longestDetails = 512 * 1024;
const mostNamed = 3;
const mostLast = 2;

/** As oslo.middleware makes them, `x-openstack-request-id` and `X-OpenStack-Request-ID` (the global id) alike: `req-` and a UUID. */
const requestId = /(?<![\w-])req-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}(?![\w-])/g;

/** `details`: reason and traceback first, then each further text below a line `--- NAME`. */
export function requestIds(details: string): RequestIds {
  const text = details.slice(0, longestDetails);
  const border = text.startsWith('--- ') ? 0 : text.indexOf('\n--- ');
  const own = border < 0 ? text : text.slice(0, border);
  const named = idsIn(own).slice(0, mostNamed);
  const last = border < 0 ? [] : idsIn(text.slice(border)).toReversed();
  return { named, last: last.filter((id) => !named.includes(id)).slice(0, mostLast) };
}

function idsIn(text: string): readonly string[] {
  return [...new Set(text.match(requestId))];
}
