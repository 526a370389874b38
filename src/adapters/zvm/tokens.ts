import { SidegateError } from '../../domain/errors.ts';
import type { Secret } from '../../domain/secret.ts';
import { requestFeilong } from './feilong-request.ts';
import type { FeilongAnswer, FeilongCall, FeilongPlace } from './feilong-request.ts';

/** Feilong's tokens live for an hour by default; a site may make that shorter, and then a 401 renews them. */
const renewAfter = 45 * 60_000;
const loginTimeout = 30_000;
const maxAnswer = 64 * 1024;

export type SendToFeilong = (call: FeilongCall) => Promise<FeilongAnswer>;

/** Sends calls to Feilong with its token, where it wants one: one login for all that are sent at once, and one more after a 401. */
export function createSender(place: FeilongPlace, adminToken: Secret | undefined): SendToFeilong {
  if (adminToken === undefined) return (call) => requestFeilong(place, call);
  let token: { readonly text: Promise<string>; readonly since: number } | undefined;
  const tokenNow = (): Promise<string> => {
    if (token && Date.now() - token.since < renewAfter) return token.text;
    const text = logIn(place, adminToken);
    const mine = { text, since: Date.now() };
    token = mine;
    text.catch(() => {
      if (token === mine) token = undefined;
    });
    return text;
  };
  return async (call) => {
    const used = await tokenNow();
    const answer = await requestFeilong(place, withToken(call, used));
    if (answer.status !== 401) return answer;
    // Refused before anything was done: safe to send again. Others may have renewed it meanwhile.
    if (token && (await token.text) === used) token = undefined;
    return requestFeilong(place, withToken(call, await tokenNow()));
  };
}

function withToken(call: FeilongCall, token: string): FeilongCall {
  return { ...call, headers: { ...call.headers, 'x-auth-token': token } };
}

async function logIn(place: FeilongPlace, adminToken: Secret): Promise<string> {
  const answer = await requestFeilong(place, {
    method: 'POST',
    path: '/token',
    headers: { 'x-admin-token': adminToken.reveal() },
    signal: AbortSignal.timeout(loginTimeout),
    maxAnswer,
  });
  const token = answer.headers['x-auth-token'];
  if (answer.status === 200 && typeof token === 'string' && /^[\x21-\x7e]{1,4096}$/.test(token)) return token;
  throw new SidegateError(
    'backend-sick',
    `${place.name}: POST /token: HTTP ${answer.status}, and no token. Check \`token\` of the back end.`,
  );
}
