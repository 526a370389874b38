export interface Credentials {
  readonly user: string;
  readonly password: string;
  readonly project: string;
}

export interface OpenstackAnswer {
  readonly status: number;
  readonly body: unknown;
}

interface CallOptions {
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface OpenstackSession {
  readonly token: string;
  readonly projectId: string;
  readonly userId: string;
  /** Whether the catalogue has it. */
  offers(service: string): boolean;
  /** Any answer, whatever its status. `service` is a type of the catalogue. */
  call(service: string, request: string, options?: CallOptions): Promise<OpenstackAnswer>;
  /** The body of a good answer; throws for any other. */
  ask<Body>(service: string, request: string, options?: CallOptions): Promise<Body>;
}

interface TokenBody {
  readonly token: {
    readonly project: { readonly id: string };
    readonly user: { readonly id: string };
    readonly catalog: readonly { readonly type: string; readonly endpoints: readonly { readonly url: string }[] }[];
  };
}

/** Of one answer, in ms: a service that just starts may need seconds. Without it fetch waits for five minutes, and does not say for what. */
const LIMIT = 60_000;

/** Logs in at Keystone. A request is `METHOD /path`. */
export async function openSession(
  authUrl: string,
  { user, password, project }: Credentials,
): Promise<OpenstackSession> {
  const domain = { id: 'default' };
  const identity = { methods: ['password'], password: { user: { name: user, domain, password } } };
  const answer = await request(`${authUrl}/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ auth: { identity, scope: { project: { name: project, domain } } } }),
  });
  if (answer.status !== 201) throw new Error(`Keystone answers ${answer.status}: ${await answer.text()}`);
  const token = answer.headers.get('X-Subject-Token') ?? '';
  const body = (await answer.json()) as TokenBody;
  const urls = new Map(body.token.catalog.map(({ type, endpoints }) => [type, endpoints[0]?.url]));

  async function call(service: string, methodAndPath: string, options: CallOptions = {}): Promise<OpenstackAnswer> {
    const [method = '', path = ''] = methodAndPath.split(' ');
    const raw = options.body instanceof Uint8Array;
    const reply = await request(`${urls.get(service)}${path}`, {
      method,
      headers: {
        'X-Auth-Token': token,
        'Content-Type': raw ? 'application/octet-stream' : 'application/json',
        ...options.headers,
      },
      ...(options.body === undefined
        ? {}
        : { body: raw ? (options.body as Uint8Array<ArrayBuffer>) : JSON.stringify(options.body) }),
    });
    return { status: reply.status, body: parseBody(await reply.text()) };
  }

  return {
    token,
    projectId: body.token.project.id,
    userId: body.token.user.id,
    offers: (service) => urls.has(service),
    call,
    async ask<Body>(service: string, methodAndPath: string, options?: CallOptions): Promise<Body> {
      const { status, body: said } = await call(service, methodAndPath, options);
      if (status >= 300) throw new Error(`${methodAndPath} of ${service} answers ${status}: ${JSON.stringify(said)}`);
      return said as Body;
    },
  };
}

function request(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, { ...init, signal: AbortSignal.timeout(LIMIT) }).catch((error: unknown) => {
    throw new Error(`${init.method} ${url} gets no answer: ${String(error)}`, { cause: error });
  });
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
