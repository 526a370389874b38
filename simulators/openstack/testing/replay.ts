import { readFile } from 'node:fs/promises';

interface Sample {
  readonly request: {
    readonly method: string;
    readonly url: string;
    readonly headers: Record<string, string>;
    readonly body: unknown;
  };
  readonly response: { readonly status: number; readonly headers: Record<string, string>; readonly body: unknown };
}

export interface ReplayOptions {
  /** Headers instead of the recorded ones. */
  readonly headers?: Record<string, string>;
  /** The body to send, made of the recorded one. */
  readonly body?: (recorded: unknown) => unknown;
  /** What of an error's text is different each time. */
  readonly mask?: RegExp;
}

export interface Replay {
  /** Sends a recorded request to the simulator; answers how the answer differs from the recorded one. */
  run(name: string, options?: ReplayOptions): Promise<readonly string[]>;
  /** Of a sample that is a body alone: how this one differs from it. */
  compare(name: string, actual: unknown): Promise<readonly string[]>;
  /** The simulator's id for one that was recorded. */
  actual(recorded: string): string;
}

const fixtures = new URL('../../../test/fixtures/openstack/', import.meta.url);
const services: Readonly<Record<string, string>> = {
  25000: '/identity',
  28774: '/compute',
  29292: '/image',
  29696: '/network',
};
const someId = /^([0-9a-f]{8}-[0-9a-f-]{27}|[0-9a-f]{32})$/u;

/** Ids in answers are learnt: later requests and error texts carry the simulator's instead of the recorded ones. */
export function createReplay(authUrl: string): Replay {
  const origin = new URL(authUrl).origin;
  const ids = new Map<string, string>();
  const tokens = new Map<string, string>();

  function translate(text: string): string {
    let translated = text;
    for (const [recorded, actual] of ids) translated = translated.replaceAll(recorded, actual);
    return translated;
  }

  async function tokenFor(user: string): Promise<string> {
    const known = tokens.get(user);
    if (known !== undefined) return known;
    const token =
      user === 'ci' || user === 'admin' || user === 'rev'
        ? await logIn(authUrl, user === 'admin' ? 'admin' : 'ci')
        : user;
    tokens.set(user, token);
    return token;
  }

  async function headersOf(sample: Sample): Promise<Record<string, string>> {
    const headers = { ...sample.request.headers };
    const [, user] = /^<token:(.*)>$/u.exec(headers['X-Auth-Token'] ?? '') ?? [];
    if (user !== undefined) headers['X-Auth-Token'] = await tokenFor(user);
    if (headers['X-Subject-Token'] !== undefined) headers['X-Subject-Token'] = headers['X-Auth-Token'] ?? '';
    if (typeof sample.request.body === 'object') headers['Content-Type'] ??= 'application/json';
    return headers;
  }

  async function run(name: string, options: ReplayOptions = {}): Promise<readonly string[]> {
    const sample = JSON.parse(await readFile(new URL(`${name}.json`, fixtures), 'utf8')) as Sample;
    const { method, url } = sample.request;
    const body = options.body?.(sample.request.body) ?? sample.request.body;
    const { port, pathname, search } = new URL(url);
    const response = await fetch(translate(`${origin}${services[port]}${pathname}${search}`), {
      method,
      headers: { ...(await headersOf(sample)), ...options.headers },
      body:
        body === null
          ? null
          : translate(typeof body === 'string' ? body : JSON.stringify(body)).replaceAll('REDACTED', 'ci-cred-secret'),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json') ?? false;
    const actual: unknown = isJson && text !== '' ? JSON.parse(text) : text;
    learn(sample.response.body, actual, ids);
    const recorded = JSON.parse(translate(JSON.stringify(sample.response.body))) as unknown;
    return [
      ...(response.status === sample.response.status
        ? []
        : [`status ${response.status} instead of ${sample.response.status}: ${text}`]),
      ...headerDifferences(sample, response.headers),
      ...(response.status >= 400
        ? textDifferences(recorded, actual, options.mask)
        : shapeDifferences('', recorded, actual)),
    ];
  }

  async function compare(name: string, actual: unknown): Promise<readonly string[]> {
    return shapeDifferences('', JSON.parse(await readFile(new URL(`${name}.json`, fixtures), 'utf8')), actual);
  }

  return { run, compare, actual: (recorded) => ids.get(recorded) ?? recorded };
}

export async function logIn(authUrl: string, name: string): Promise<string> {
  const user = { name, domain: { id: 'default' }, password: 'secret' };
  const auth = { identity: { methods: ['password'], password: { user } } };
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`${authUrl}/auth/tokens`, { method: 'POST', headers, body: JSON.stringify({ auth }) });
  return response.headers.get('x-subject-token') ?? '';
}

function learn(recorded: unknown, actual: unknown, ids: Map<string, string>): void {
  if (typeof recorded === 'string' && typeof actual === 'string') {
    if (someId.test(recorded) && someId.test(actual)) ids.set(recorded, actual);
    return;
  }
  if (!isObject(recorded) || !isObject(actual)) return;
  for (const [key, value] of Object.entries(recorded)) learn(value, actual[key], ids);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function headerDifferences(sample: Sample, headers: Headers): readonly string[] {
  const empty = sample.response.body === '';
  const differences: string[] = [];
  for (const [name, value] of Object.entries(sample.response.headers)) {
    const isType = name.toLowerCase() === 'content-type';
    if (isType && empty) continue;
    if (!headers.has(name)) differences.push(`header ${name} is missing`);
    else if (isType && headers.get(name) !== value)
      differences.push(`Content-Type ${headers.get(name)} instead of ${value}`);
  }
  return differences;
}

/** Errors must be the same to the letter. */
function textDifferences(recorded: unknown, actual: unknown, mask = /$^/gu): readonly string[] {
  const sorted = (value: unknown) =>
    JSON.stringify(value, (_key, item: unknown) =>
      isObject(item) && !Array.isArray(item) ? sortKeys(item) : item,
    ).replaceAll(mask, '*');
  return sorted(recorded) === sorted(actual) ? [] : [`${sorted(actual)} instead of ${sorted(recorded)}`];
}

function sortKeys(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => a.localeCompare(b)));
}

/** Everything else: the same keys with values of the same type, at every depth; null goes with every type. */
function shapeDifferences(path: string, recorded: unknown, actual: unknown): readonly string[] {
  if (recorded === null || actual === null) return [];
  if (Array.isArray(recorded) && Array.isArray(actual)) {
    if (recorded.length === 0 && actual.length === 0) return [];
    return [0, -1].flatMap((index) => shapeDifferences(`${path}[${index}]`, recorded.at(index), actual.at(index)));
  }
  if (!isObject(recorded) || !isObject(actual)) {
    return typeof recorded === typeof actual ? [] : [`${path}: ${typeof actual} instead of ${typeof recorded}`];
  }
  const keys = new Set([...Object.keys(recorded), ...Object.keys(actual)]);
  return [...keys].flatMap((key) => {
    if (!Object.hasOwn(actual, key)) return [`${path}.${key} is missing`];
    if (!Object.hasOwn(recorded, key)) return [`${path}.${key} is too much`];
    return shapeDifferences(`${path}.${key}`, recorded[key], actual[key]);
  });
}
