import type { Cause } from '../domain/cause.ts';
import { consoleFile, feilongTraceFile } from '../domain/log-path.ts';
import type { Recognized } from '../domain/name-cause.ts';
import { oneLine } from '../domain/sanitize.ts';
import { troubleLog } from '../domain/signatures/signature.ts';
import type { EvidenceLine, Verdict } from '../domain/verdict.ts';
import { consoleEnd } from './console-end.ts';
import { scanLog, scanText } from './find-signatures.ts';
import type { BuildContext } from './run-build.ts';
import { serverConsoleLines } from './server-console.ts';

const tailBytes = 8192;
const tailLines = 3;
const shownTests = 3;
const longestText = 300;

/** Nothing else is worth looking for. */
const untold: ReadonlySet<Cause> = new Set(['cancelled', 'merge-conflict']);

/** What the logs of a failed build say: those that are looked at while they come, the calls to Feilong, and what was told of the trouble itself. */
export async function recognizeCause(
  context: BuildContext,
  verdict: Verdict,
  trouble: string | undefined,
): Promise<Recognized> {
  const { flow, build } = context;
  const { signatures } = flow.signatures;
  if (!verdict.cause || untold.has(verdict.cause.kind)) return { signatures, hits: [], lines: [] };
  // No log has it, so nothing was hidden in it yet.
  const told = trouble === undefined ? undefined : flow.scrubber.text(trouble);
  if (told !== undefined) await scanText(context, troubleLog, told);
  if (build.slot) await scanLog(context, feilongTraceFile);
  const hits = await flow.store.signatureHits(build.id);
  return { signatures, hits, lines: await linesFor(context, verdict, told) };
}

/** Causes that show in the end of the console, if anywhere. */
const seenAtTheEnd: ReadonlySet<Cause> = new Set([
  'server',
  'disk',
  'devstack',
  'timeout',
  'job',
  'lab-wide',
  'branch',
]);

/** Causes that show in the names of the tests, where tests failed. */
const seenInTests: ReadonlySet<Cause> = new Set(['patch', 'lab-wide', 'branch', 'flaky']);

async function linesFor(
  context: BuildContext,
  { cause, failedTests }: Verdict,
  trouble: string | undefined,
): Promise<readonly EvidenceLine[]> {
  const told = trouble === undefined ? [] : [plain(trouble)];
  const kind = cause?.kind;
  if (kind !== undefined && seenInTests.has(kind) && failedTests.length > 0)
    return failedTests.slice(0, shownTests).map((name) => plain(`failed: ${name}`));
  const seen = [...told, ...(await serverConsoleLines(context))];
  return kind !== undefined && seenAtTheEnd.has(kind) ? [...seen, ...(await consoleTail(context))] : seen;
}

async function consoleTail(context: BuildContext): Promise<readonly EvidenceLine[]> {
  const lines = (await consoleEnd(context, tailBytes))
    .split(/[\r\n]+/)
    .map((text) => oneLine(text, longestText))
    .filter((text) => text !== '');
  return lines.slice(-tailLines).map((text) => ({ log: consoleFile, line: undefined, text }));
}

function plain(text: string): EvidenceLine {
  return { log: undefined, line: undefined, text: oneLine(text, longestText) };
}
