import type { GuardCall } from '../domain/guard/call.ts';
import { EvidenceCollector } from '../domain/guard/evidence.ts';
import type { Evidence } from '../domain/guard/evidence.ts';
import { feilongCallsFile } from '../domain/log-path.ts';
import type { BuildContext } from './run-build.ts';

const partSize = 1024 * 1024;

/**
 * What the build did on z/VM, from the calls its guards published: those of every process that kept one. Undefined where there was no guard
 * or no call.
 */
export async function readEvidence({ flow, build }: BuildContext): Promise<Evidence | undefined> {
  if (!build.slot) return undefined;
  const path = `${build.logPath}${feilongCallsFile}`;
  const collector = new EvidenceCollector();
  let rest = '';
  let offset = 0;
  for (;;) {
    const part = await flow.archive.read(path, offset, partSize);
    if (part.length === 0) break;
    offset += part.length;
    const lines = (rest + part.toString('latin1')).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) addLine(collector, line);
  }
  return offset === 0 ? undefined : withTests({ flow, build }, collector.evidence());
}

async function withTests({ flow, build }: Pick<BuildContext, 'flow' | 'build'>, evidence: Evidence): Promise<Evidence> {
  const { refusals, errors } = evidence;
  const all = [...refusals, ...errors];
  const tests = await flow.store.testsAt(
    build.id,
    all.map(({ at }) => at),
  );
  const told = all.map((call, index) => ({ ...call, tests: tests[index] ?? [] }));
  return { ...evidence, refusals: told.slice(0, refusals.length), errors: told.slice(refusals.length) };
}

/** Bytes were kept as they are, so that no part ends within a letter. A line that a crash cut is no call. */
function addLine(collector: EvidenceCollector, line: string): void {
  try {
    collector.add(JSON.parse(Buffer.from(line, 'latin1').toString()) as GuardCall);
  } catch {
    // The next process went on behind it.
  }
}
