/** Userids that a call names in path, query or body, upper case: what it touches, or wants to. */
export function namedUserids(
  parameters: Readonly<Record<string, string>>,
  query: URLSearchParams,
  body: unknown,
): readonly string[] {
  const named = [
    parameters['userid'],
    ...(query.get('userid') ?? '').split(','),
    ...['guest', 'vswitch'].flatMap((part) => useridsIn(field(body, part))),
  ];
  const userids = named.flatMap((userid) => (userid?.trim() ? [userid.trim().toUpperCase().slice(0, 100)] : []));
  return [...new Set(userids)];
}

/** Of a guest to create, or of one whose right to use a switch changes. */
function useridsIn(part: unknown): readonly (string | undefined)[] {
  const userids = [
    field(part, 'userid'),
    field(part, 'grant_userid'),
    field(part, 'revoke_userid'),
    field(field(part, 'user_vlan_id'), 'userid'),
  ];
  return userids.map((userid) => (typeof userid === 'string' ? userid : undefined));
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
