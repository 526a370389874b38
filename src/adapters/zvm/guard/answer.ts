/** What a worker gets. */
export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly body: Buffer;
}

/** Feilong's codes in an answer, for the trace. */
export interface Codes {
  readonly overallRC?: number | undefined;
  readonly rc?: number | undefined;
  readonly rs?: number | undefined;
  readonly errmsg?: string | undefined;
}

const maxMessage = 500;

/** In Feilong's own shape, and JSON by its content type: anything else breaks nova's client. */
export function feilongShaped(status: number, errmsg: string, output: unknown = ''): Answer {
  const content = { overallRC: status, modID: null, rc: status, rs: 1, errmsg, output };
  return { status, contentType: 'application/json', body: Buffer.from(JSON.stringify(content)) };
}

export function parseEnvelope({ contentType, body }: Answer): Record<string, unknown> | undefined {
  if (!/^application\/json\b/i.test(contentType)) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString());
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

export function codesOf(envelope: Record<string, unknown> | undefined): Codes {
  const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
  const message = envelope?.['errmsg'];
  return {
    overallRC: number(envelope?.['overallRC']),
    rc: number(envelope?.['rc']),
    rs: number(envelope?.['rs']),
    errmsg: typeof message === 'string' && message !== '' ? message.slice(0, maxMessage) : undefined,
  };
}
