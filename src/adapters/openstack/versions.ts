import { z } from 'zod';
import { SidegateError } from '../../domain/errors.ts';
import { answerError } from './answer-error.ts';
import type { Send, Session } from './keystone.ts';
import { parseAnswer } from './parse-answer.ts';
import type { HttpAnswer } from './transport.ts';

/**
 * Nova is the only service whose microversions matter here. A server can be created with tags from 2.52 on (release Pike), and
 * `createImage` answers the image's id from 2.45; beyond 2.60 nothing is needed, and later versions change answers.
 */
const needed = '2.52';
const wanted = '2.60';

const documentSchema = z.object({ version: z.object({ version: z.string(), min_version: z.string() }) });

/** The token was refused: the caller logs in again. */
export class TokenRefused extends Error {
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    super(`HTTP ${answer.status}`);
    this.answer = answer;
  }
}

export interface ComputeVersion {
  /** The microversion to use, asked for once. */
  negotiated(session: Session): Promise<string>;
  /** Nova refused it: it was upgraded or downgraded since. */
  forget(): void;
}

export function createComputeVersion(cloud: string, send: Send): ComputeVersion {
  let asking: Promise<string> | undefined;
  return {
    async negotiated(session) {
      const current = (asking ??= askNova(cloud, session, send));
      try {
        return await current;
      } catch (error) {
        if (asking === current) asking = undefined;
        throw error;
      }
    },
    forget() {
      asking = undefined;
    },
  };
}

async function askNova(cloud: string, session: Session, send: Send): Promise<string> {
  // Old catalogs put the project's id behind the version.
  const url = `${session.endpoint('compute').replace(/(\/v2(\.\d+)?)\/.*$/u, '$1')}/`;
  const call = `${cloud}: GET ${url}`;
  const headers = { 'X-Auth-Token': session.token };
  const answer = await send({ method: 'GET', url, headers, body: undefined, repeatable: true }, call);
  if (answer.status === 401) throw new TokenRefused(answer);
  if (answer.status !== 200) throw answerError(call, answer);
  const { version, min_version: oldest } = parseAnswer(documentSchema, answer.text, call).version;
  if (isBelow(version, needed) || isBelow(wanted, oldest)) {
    const offered = version === '' ? 'no microversions' : `microversions ${oldest} to ${version}`;
    throw new SidegateError('cloud-refused', `${call}: Nova offers ${offered}, sidegate needs ${needed} to ${wanted}`);
  }
  return isBelow(version, wanted) ? version : wanted;
}

function isBelow(version: string, other: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split('.').map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
