import { causeRules, isInfra } from './cause.ts';
import { explain } from './signatures/explain.ts';
import type { Signature, SignatureHit } from './signatures/signature.ts';
import type { EvidenceLine, Verdict } from './verdict.ts';

/** Lines kept with a verdict. */
const mostLines = 8;

/** What the logs say about a build. */
export interface Recognized {
  readonly signatures: readonly Signature[];
  readonly hits: readonly SignatureHit[];
  /** What shows the cause where no signature does. */
  readonly lines: readonly EvidenceLine[];
}

/** The verdict with its cause as the signatures name it, and with what shows it. */
export function nameCause(verdict: Verdict, { signatures, hits, lines }: Recognized): Verdict {
  const { cause, failedTests, passedAgain = [], tests } = verdict;
  if (!cause) return verdict;
  // What passed when run again needs no explanation.
  const unexplained = {
    cause: cause.otherwise,
    failedTests: failedTests.filter((test) => !passedAgain.includes(test)),
    failed: Math.max(0, (tests?.failed ?? 0) - passedAgain.length),
  };
  const signature = explain(unexplained, hits, signatures);
  if (!signature) return { ...verdict, cause: { ...cause, lines: lines.slice(0, mostLines) } };
  const { bug, cause: kind, id, retry, title } = signature;
  return {
    ...verdict,
    result: causeRules[kind].result,
    reason: `${title}. ${verdict.reason}`,
    errorCode: verdict.errorCode ?? (isInfra(kind) ? 'known-trouble' : undefined),
    cause: {
      kind,
      signature: { id, title, bug },
      otherwise: cause.otherwise,
      retry: retry ?? causeRules[kind].retry,
      lines: linesOf(hits, id).slice(0, mostLines),
    },
  };
}

function linesOf(hits: readonly SignatureHit[], id: string): readonly EvidenceLine[] {
  return hits
    .filter(({ signature }) => signature === id)
    .flatMap(({ log, lines }) => lines.map((one) => ({ log, ...one })));
}
