import type { Context } from 'hono';
import { errorCode, errorText } from '../domain/errors.ts';
import { isMissing } from '../shared/inside-root.ts';
import type { WebDeps } from './deps.ts';
import { messagePage } from './pages.ts';

/** The page for a log that could not be shown; what is no such trouble is thrown on. */
export async function logProblem(c: Context, deps: WebDeps, error: unknown): Promise<Response> {
  const code = errorCode(error);
  if (isMissing(error) || code === 'path-refused') {
    const text = 'The logs hold nothing under this address. It may be mistyped, or the logs have expired.';
    return await messagePage(c, deps, { status: 404, title: 'No such file', text });
  }
  if (code === undefined || !/^(?:object-store|cloud)-/.test(code)) throw error;
  deps.log?.warn({ err: errorText(error) }, 'logs could not be read from the object store');
  c.header('Retry-After', '60');
  const text = 'These logs are in an object store, which does not give them at this moment. Try again in some minutes.';
  return await messagePage(c, deps, { status: 503, title: 'Out of reach', text });
}
