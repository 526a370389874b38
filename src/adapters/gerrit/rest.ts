import type { z } from 'zod';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { GerritAccess } from '../../domain/gerrit-access.ts';
import { cleanText } from './clean-text.ts';

export interface RestAnswer {
  readonly status: number;
  readonly text: string;
  /** Gerrit's clock, ms since 1970. */
  readonly date: number | undefined;
}

/** Gerrit's REST interface as the configured account. Paths begin with `/` and leave out `/a`. */
export interface GerritRest {
  /** The parsed answer; every status but 200 throws. */
  get<T>(path: string, schema: z.ZodType<T>): Promise<T>;
  /** Any answer; throws only where there is none. */
  send(method: 'GET' | 'POST', path: string, body?: object): Promise<RestAnswer>;
}

const largestAnswer = 16 * 1024 * 1024;

export function createGerritRest(access: GerritAccess): GerritRest {
  const authorization = `Basic ${Buffer.from(`${access.username}:${access.password}`).toString('base64')}`;

  async function send(method: 'GET' | 'POST', path: string, body?: object): Promise<RestAnswer> {
    const headers = {
      authorization,
      accept: 'application/json',
      ...(body && { 'content-type': 'application/json; charset=UTF-8' }),
    };
    const signal = AbortSignal.timeout(access.requestTimeout);
    try {
      const content = body && { body: JSON.stringify(body) };
      const answer = await fetch(`${access.url}/a${path}`, { method, headers, signal, redirect: 'manual', ...content });
      const date = Date.parse(answer.headers.get('date') ?? '');
      return {
        status: answer.status,
        text: await readBounded(answer, path),
        date: Number.isNaN(date) ? undefined : date,
      };
    } catch (error) {
      if (error instanceof SidegateError) throw error;
      throw new SidegateError(
        'gerrit-unreachable',
        `${method} ${access.url}${resource(path)}: ${transportText(error)}`,
        { cause: error },
      );
    }
  }

  async function get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const answer = await send('GET', path);
    if (answer.status !== 200) throw restError(answer, path);
    return parseAnswer(answer, path, schema);
  }

  return { get, send };
}

/** `project~number`: found even where the search index lags behind, as after a crash of Gerrit. */
export function changePath(change: { readonly project: string; readonly change: number }): string {
  return `/changes/${encodeURIComponent(change.project)}~${change.change}`;
}

export function parseAnswer<T>(answer: RestAnswer, path: string, schema: z.ZodType<T>): T {
  const parsed = schema.safeParse(parseJson(answer.text, path));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new SidegateError(
    'gerrit-refused',
    `${resource(path)}: unexpected answer at ${issue?.path.join('.') || 'the top'}.`,
  );
}

export function restError(answer: RestAnswer, path: string): SidegateError {
  return new SidegateError(codeOf(answer.status), `${resource(path)}: HTTP ${answer.status} ${answerText(answer)}`);
}

/** What Gerrit said, on one line. Errors are plain text; a proxy in front of it may send a page. */
export function answerText(answer: RestAnswer): string {
  return cleanText(answer.text, 2000)
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 300);
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'gerrit-auth';
  if (status === 404) return 'not-found';
  if (status === 408 || status === 502 || status === 504) return 'gerrit-unreachable';
  if (status === 429 || status >= 500) return 'gerrit-busy';
  return 'gerrit-refused';
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text.startsWith(")]}'") ? text.slice(4) : text);
  } catch (error) {
    throw new SidegateError('gerrit-refused', `${resource(path)}: the answer is no JSON.`, { cause: error });
  }
}

async function readBounded(answer: Response, path: string): Promise<string> {
  if (!answer.body) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  // Leaving the loop cancels the download.
  for await (const chunk of answer.body) {
    size += chunk.byteLength;
    if (size > largestAnswer)
      throw new SidegateError(
        'input-too-large',
        `${resource(path)}: the answer is larger than ${largestAnswer} bytes.`,
      );
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The path without its query, which may be long. */
function resource(path: string): string {
  return path.split('?')[0] ?? path;
}

function transportText(error: unknown): string {
  return errorText(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
