/** User and database of the embedded cluster. The user owns everything in it; nobody else can reach the socket. */
export const EMBEDDED_NAME = 'sidegate';

/**
 * URL of a database behind a Unix socket that both `pg` and DBOS take: `pg` uses `host` of the query string, and DBOS wants a
 * host name in the usual place too, which is why `localhost` stands there although nothing connects to it.
 */
export function socketUrl(socketDirectory: string, database: string = EMBEDDED_NAME): string {
  const host = encodeURIComponent(socketDirectory).replaceAll('%2F', '/');
  return `postgresql://${EMBEDDED_NAME}@localhost/${database}?host=${host}`;
}

/** The same server, another database. */
export function urlOfDatabase(url: string, database: string): string {
  const other = new URL(url);
  other.pathname = `/${encodeURIComponent(database)}`;
  return other.toString();
}
