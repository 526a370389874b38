import type { FeilongAnswer } from '../feilong-request.ts';

/** What a worker gets: always JSON of Feilong's shape and with its content type, or nova's client breaks. */
export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly envelope: Envelope;
}

/** Feilong's shape. */
export interface Envelope {
  readonly overallRC: number;
  readonly [member: string]: unknown;
}

/** Feilong's codes in an answer, for the trace. */
export interface Codes {
  readonly overallRC: number;
  readonly rc: number | undefined;
  readonly rs: number | undefined;
  readonly errmsg: string | undefined;
}

const maxMessage = 500;

export function feilongShaped(status: number, errmsg: string): Answer {
  return answerOf(status, { overallRC: status, modID: null, rc: status, rs: 1, errmsg, output: '' });
}

export function answerOf(status: number, envelope: Envelope): Answer {
  return { status, body: Buffer.from(JSON.stringify(envelope)), envelope };
}

/**
 * Feilong's own bytes, whatever it calls them: an unknown action is answered with JSON as text/html. What is not its own, but a page of the
 * server or proxy before it, is told in its shape.
 */
export function readAnswer({ status, body }: FeilongAnswer): Answer {
  const envelope = parseEnvelope(body);
  if (envelope) return { status, body, envelope };
  return feilongShaped(status >= 400 ? status : 502, `Feilong's server answered HTTP ${status} without its JSON.`);
}

function parseEnvelope(body: Buffer): Envelope | undefined {
  try {
    const value: unknown = JSON.parse(body.toString());
    const isEnvelope = typeof value === 'object' && value !== null && 'overallRC' in value;
    return isEnvelope && typeof value.overallRC === 'number' ? (value as Envelope) : undefined;
  } catch {
    return undefined;
  }
}

export function codesOf({ overallRC, ...envelope }: Envelope): Codes {
  const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
  const message = envelope['errmsg'];
  return {
    overallRC,
    rc: number(envelope['rc']),
    rs: number(envelope['rs']),
    errmsg: typeof message === 'string' && message !== '' ? message.slice(0, maxMessage) : undefined,
  };
}
