import { SidegateError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { HttpAnswer } from './transport.ts';

const detailLimit = 500;
/** Neutron's and Cinder's words for a quota, and Neutron's for a network without a free address. */
const exhausted = new Set(['OverQuota', 'overLimit', 'IpAddressGenerationFailure', 'ExternalIpAddressExhausted']);

/** The error an answer means. `call` names cloud and request, without secrets. */
export function answerError(call: string, answer: HttpAnswer): SidegateError {
  const { type, message } = readError(answer.text);
  return new SidegateError(codeOf(answer.status, type, message), `${call}: HTTP ${answer.status}: ${message}`);
}

function codeOf(status: number, type: string, message: string): ErrorCode {
  if (status === 401) return 'cloud-auth';
  if (status === 429 || status >= 500) return 'cloud-unreachable';
  if (exhausted.has(type)) return 'cloud-quota';
  // Nova tells "quota exceeded" from "not allowed" by nothing but its text.
  if ((status === 403 || status === 413) && /quota|maximum number of/iu.test(message)) return 'cloud-quota';
  return 'cloud-refused';
}

/** Keystone, Nova and Neutron each have their own JSON; Glance, proxies and Nova's 413 send HTML. */
function readError(text: string): { type: string; message: string } {
  const [key, fault] = Object.entries(parseObject(text) ?? {})[0] ?? [];
  const { message, type } = (fault && typeof fault === 'object' ? fault : {}) as { message?: unknown; type?: unknown };
  if (typeof message !== 'string') return { type: '', message: plain(withoutMarkup(text)) };
  return { type: typeof type === 'string' ? type : (key ?? ''), message: plain(message) };
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value && typeof value === 'object' ? value : undefined;
  } catch {
    return undefined;
  }
}

function withoutMarkup(text: string): string {
  return text.slice(0, 10_000).replaceAll(/<title>[^<]*<\/title>|<[^>]*>/gu, ' ');
}

/** One bounded line without control characters. */
function plain(text: string): string {
  return text
    .slice(0, 10_000)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, detailLimit);
}
