import type { Decision, Effects, Forward, GuardRequest, GuardScope, Refusal, Route } from './decision.ts';
import { queryText, readQuery } from './read-query.ts';
import { routes } from './routes.ts';
import { ownUserid } from './userid.ts';

/**
 * What to do with a worker's call. Pure: the same call has the same answer. What is forwarded is made of checked parts, so that nothing can
 * mean one thing here and another to Feilong.
 */
export function decideCall(request: GuardRequest, scope: GuardScope): Decision {
  const [path = '', query, ...more] = request.target.split('?');
  // Nobody who means well needs percent signs here; with them one path could be written in many ways.
  if (more.length > 0 || !/^\/[A-Za-z0-9._/-]*$/.test(path)) return refuse(400, 'The path is not plain.');
  const matches = routes.flatMap((route) => matchRoute(route, path) ?? []);
  if (matches.length === 0) return refuse(403, 'No worker needs this path.');
  const match = matches.find(({ route }) => route.method === request.method);
  if (!match) return refuse(403, `No worker needs ${request.method} here.`);
  return decideRoute(match, { request, scope, query: query ?? '' });
}

interface Match {
  readonly route: Route;
  readonly parts: Readonly<Record<string, string>>;
}

const partForms: Readonly<Record<string, RegExp>> = {
  userid: /^.{1,64}$/,
  vdev: /^[0-9a-fA-F]{1,4}$/,
  name: /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
};

/** `/guests/nics` is a route of its own, and no guest called NICS: literal routes are first in the table. */
function matchRoute(route: Route, path: string): Match | undefined {
  const wanted = route.path.split('/');
  const given = path.split('/');
  if (wanted.length !== given.length) return undefined;
  const parts: Record<string, string> = {};
  for (const [index, want] of wanted.entries()) {
    const part = given[index]!;
    if (!want.startsWith('{')) {
      if (want !== part) return undefined;
      continue;
    }
    const name = want.slice(1, -1);
    if (!partForms[name]!.test(part)) return undefined;
    parts[name] = part;
  }
  return { route, parts };
}

interface Asked {
  readonly request: GuardRequest;
  readonly scope: GuardScope;
  readonly query: string;
}

function decideRoute({ route, parts }: Match, { request, scope, query }: Asked): Decision {
  const userid = parts['userid'] === undefined ? undefined : ownUserid(parts['userid'], scope.prefix);
  if (parts['userid'] !== undefined && userid === undefined)
    return refuse(403, `${parts['userid']} is no userid of this worker, which begin with ${scope.prefix}.`);
  const asked = readQuery(query, route.query ?? {}, scope);
  if ('wrong' in asked) return refuse(403, `The query ${asked.wrong}.`);
  const body = readBody(route, request.body, scope);
  if ('wrong' in body) return refuse(403, `The body ${body.wrong}.`);
  const call = { scope, body: body.ok as never, userid: userid ?? '', name: parts['name'] ?? '', query: asked.ok };
  const effects = route.effects?.(call) ?? {};
  if (typeof effects === 'string') return refuse(403, effects);
  const path = pathOf(route, { ...parts, ...(userid === undefined ? {} : { userid }) }) + queryText(asked.ok);
  return forward({ method: route.method, path, body: body.ok, userid }, effects);
}

function readBody(
  { body: shape }: Route,
  body: unknown,
  scope: GuardScope,
): { readonly ok: object | undefined } | { readonly wrong: string } {
  if (shape) return shape(body ?? {}, scope);
  return body === undefined ? { ok: undefined } : { wrong: 'must be empty' };
}

function pathOf({ path }: Route, parts: Readonly<Record<string, string>>): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parts[name]!);
}

function forward(asked: Pick<Forward, 'method' | 'path' | 'body' | 'userid'>, effects: Effects): Forward {
  return {
    kind: 'forward',
    ...asked,
    userid: asked.userid ?? effects.makesGuest?.name,
    action: effects.action,
    changes: effects.changes ?? false,
    makesGuest: effects.makesGuest,
    removesGuest: effects.removesGuest ?? false,
    makesImage: effects.makesImage,
    needsImage: effects.needsImage,
    removesImage: effects.removesImage ?? false,
    isDeploy: effects.isDeploy ?? false,
    filter: effects.filter,
  };
}

function refuse(status: Refusal['status'], reason: string): Refusal {
  return { kind: 'refuse', status, reason };
}
