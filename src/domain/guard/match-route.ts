import type { Route } from './decision.ts';

export interface Match {
  readonly route: Route;
  readonly parts: Readonly<Record<string, string>>;
}

const partForms: Readonly<Record<string, RegExp>> = {
  userid: /^.{1,64}$/,
  vdev: /^[0-9a-fA-F]{1,4}$/,
  name: /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/,
};

/** The route's parts out of a plain path, or undefined when it is another one. */
export function matchRoute(route: Route, path: string): Match | undefined {
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

/** The path that Feilong is asked. */
export function pathOf({ route: { path }, parts }: Match): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => parts[name]!);
}
