import type { Shape } from './shapes.ts';

/** A worker's call, parsed; nothing of it is trusted. */
export interface GuardRequest {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  /** The parsed body; undefined: there was none. */
  readonly body: unknown;
}

export interface GuardScope {
  /** Upper case. */
  readonly prefix: string;
  /** The worker's address. */
  readonly worker: string;
  /** Switches its guests may be on, upper case; undefined: any. */
  readonly vswitches?: readonly string[] | undefined;
}

export type Decision = Refusal | Forward;

export interface Refusal {
  readonly kind: 'refuse';
  readonly status: 400 | 403;
  readonly reason: string;
}

/** What Feilong is asked: made of checked parts, nothing of the worker's own bytes. */
export interface Forward {
  readonly kind: 'forward';
  readonly method: string;
  readonly path: string;
  readonly body: object | undefined;
  readonly userid: string | undefined;
  readonly action: string | undefined;
  /** It makes, changes or removes something. */
  readonly changes: boolean;
  /** A guest it makes, with its size in MiB and GiB. */
  readonly makesGuest: { readonly name: string; readonly memory: number; readonly disk: number } | undefined;
  readonly removesGuest: boolean;
  /** An image it makes; one it needs, which must be the worker's own. */
  readonly makesImage: string | undefined;
  readonly needsImage: string | undefined;
  readonly removesImage: boolean;
  /** It counts against Feilong's limit of deploys. */
  readonly isDeploy: boolean;
  /** What the answer must lose before the worker gets it. */
  readonly filter: 'userids' | 'nics' | 'images' | undefined;
}

/** What a route does with a call whose userid, query and body are right; the rest of `Forward` has defaults. */
export type Effects = Partial<Omit<Forward, 'kind' | 'method' | 'path' | 'body' | 'userid'>>;

export interface RouteCall<Body = unknown> {
  readonly scope: GuardScope;
  readonly body: Body;
  /** Image or vswitch in the path. */
  readonly name: string;
  readonly query: Readonly<Record<string, string>>;
}

/** One call of Feilong's that a worker may make. */
export interface Route {
  readonly method: string;
  /** `{userid}`: the worker's own; `{vdev}`, `{name}`: plain names. */
  readonly path: string;
  /** Of the body; undefined: it must be empty. */
  readonly body?: Shape<object>;
  /** Names of query parameters and what their values are. */
  readonly query?: Readonly<Record<string, 'own-userids' | 'name'>>;
  /** Text: why it is refused after all. */
  readonly effects?: (call: RouteCall<never>) => Effects | string;
}
