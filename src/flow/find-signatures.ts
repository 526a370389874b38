import { errorCode, errorText } from '../domain/errors.ts';
import type { LogMatcher } from '../domain/signatures/match-log.ts';
import type { SignatureHit } from '../domain/signatures/signature.ts';
import { lookRepeatedly } from '../shared/look-repeatedly.ts';
import type { BuildContext } from './run-build.ts';
import { scanContent, scanPlain, scanWhole } from './scan-log.ts';

/** What is written meanwhile is looked at together (ms). */
const pause = 1000;

type Needs = Pick<BuildContext, 'flow' | 'build' | 'lease'>;

/** Looks for signatures in a log that grows: in what the archive has of it, so that nothing is shown that was not published. */
export interface LogFollower {
  /** There is more. */
  grew(): void;
  /** Looks at the rest; what was found is saved afterwards. A process that begins anew begins at the start of the log: it finds the same. */
  end(): Promise<void>;
}

export function followLog(context: Needs, name: string): LogFollower {
  const matcher = context.flow.signatures.open(name);
  if (!matcher) return { grew: () => {}, end: async () => {} };
  const path = context.build.logPath + name;
  let offset = 0;
  const look = async () => {
    const before = matcher.found;
    offset = await scanPlain(context.flow.archive, path, offset, matcher);
    if (matcher.found > before) await save(context, matcher.hits());
  };
  const looks = lookRepeatedly(look, { pause, onError: (error) => tellGap(context, name, error) });
  return {
    grew: () => looks.soon(),
    end: async () => {
      await looks.stop();
      await lookAtRest(context, { name, matcher, offset });
    },
  };
}

async function lookAtRest(
  context: Needs,
  { name, matcher, offset }: { readonly name: string; readonly matcher: LogMatcher; readonly offset: number },
): Promise<void> {
  try {
    await scanPlain(context.flow.archive, context.build.logPath + name, offset, matcher);
    await save(context, matcher.end());
  } catch (error) {
    if (errorCode(error) === 'stale-epoch') throw error;
    tellGap(context, name, error);
  }
}

function tellGap({ build, flow }: Needs, log: string, error: unknown): void {
  flow.logger.warn({ build: build.id, log, err: errorText(error) }, 'a log was not looked at for known troubles');
}

/** Looks for signatures in a log that is complete: in what was written of it, or in what the archive has. One that cannot be read is a gap, as for people. */
export async function scanLog(context: Needs, name: string, written?: Buffer): Promise<void> {
  const { flow, build } = context;
  const matcher = flow.signatures.open(name);
  if (!matcher) return;
  try {
    if (written) await scanContent(name, written, matcher);
    else await scanWhole(flow.archive, build.logPath + name, matcher);
    await save(context, matcher.end());
  } catch (error) {
    if (errorCode(error) === 'stale-epoch') throw error;
    tellGap(context, name, error);
  }
}

/** The same for a text that no log has. */
export async function scanText(context: Needs, name: string, text: string): Promise<void> {
  const matcher: LogMatcher | undefined = context.flow.signatures.open(name);
  matcher?.push(Buffer.from(text));
  if (matcher) await save(context, matcher.end());
}

async function save({ flow, lease }: Needs, hits: readonly SignatureHit[]): Promise<void> {
  if (hits.length === 0) return;
  const byId = new Map(flow.signatures.signatures.map((one) => [one.id, one]));
  const found = hits.flatMap((hit) => {
    const signature = byId.get(hit.signature);
    return signature ? [{ ...hit, title: signature.title, cause: signature.cause, bug: signature.bug }] : [];
  });
  await flow.store.saveSignatureHits(lease, found);
}
