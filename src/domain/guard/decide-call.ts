import type { Decision, Effects, Forward, GuardRequest, GuardScope, Refusal, Route } from './decision.ts';
import { matchRoute, pathOf } from './match-route.ts';
import type { Match } from './match-route.ts';
import { queryText, readQuery } from './read-query.ts';
import { routes } from './routes.ts';
import { ownUserid } from './userid.ts';

/**
 * What to do with a worker's call. Pure: the same call has the same answer. What is forwarded is made of checked parts, so that nothing can
 * mean one thing here and another to Feilong.
 */
export function decideCall(request: GuardRequest, scope: GuardScope): Decision {
  const [path = '', query = '', ...more] = request.target.split('?');
  // Nobody who means well needs percent signs here; with them one path could be written in many ways.
  if (more.length > 0 || !/^\/[A-Za-z0-9._/-]*$/.test(path)) return refuse(400, 'The path is not plain.');
  const matches = routes.flatMap((route) => matchRoute(route, path) ?? []);
  if (matches.length === 0) return refuse(403, 'No worker needs this path.');
  const match = matches.find(({ route }) => route.method === request.method);
  if (!match) return refuse(403, `No worker needs ${request.method} here.`);
  return decideGuest(match, { body: request.body, scope, query });
}

interface Asked {
  readonly body: unknown;
  readonly scope: GuardScope;
  readonly query: string;
}

function decideGuest({ route, parts }: Match, asked: Asked): Decision {
  const given = parts['userid'];
  if (given === undefined) return decideRoute({ route, parts }, asked);
  const userid = ownUserid(given, asked.scope.prefix);
  if (userid !== undefined) return decideRoute({ route, parts: { ...parts, userid } }, asked);
  return refuse(403, `${given} does not begin with ${asked.scope.prefix}, or is no userid of a worker.`);
}

function decideRoute(match: Match, { scope, ...asked }: Asked): Decision {
  const { route, parts } = match;
  const query = readQuery(asked.query, route.query ?? {}, scope);
  if ('wrong' in query) return refuse(403, `The query ${query.wrong}.`);
  const body = readBody(route, asked.body, scope);
  if ('wrong' in body) return refuse(403, `The body ${body.wrong}.`);
  const { userid, name = '' } = parts;
  const effects = route.effects?.({ scope, body: body.ok as never, name, query: query.ok }) ?? {};
  if (typeof effects === 'string') return refuse(403, effects);
  return forward({ method: route.method, path: pathOf(match) + queryText(query.ok), body: body.ok, userid }, effects);
}

function readBody(
  { body: shape }: Route,
  body: unknown,
  scope: GuardScope,
): { readonly ok: object | undefined } | { readonly wrong: string } {
  if (shape) return shape(body ?? {}, scope);
  return body === undefined ? { ok: undefined } : { wrong: 'must be empty' };
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
