import { errorText } from '../domain/errors.ts';
import { hiddenFile } from '../domain/log-path.ts';
import type { HiddenCounts } from '../ports/scrubber.ts';
import type { BuildContext } from './run-build.ts';

const maxFile = 1024 * 1024;

/**
 * Writes down beside the logs how much each rule hid in each file; what was hidden is nowhere. What an earlier process counted stays: of a
 * console that two of them followed, only the later part is counted.
 */
export async function publishHidden({ flow, build }: Pick<BuildContext, 'flow' | 'build'>): Promise<void> {
  const { logPath } = build;
  const hidden = flow.scrubber.takeHidden(logPath);
  if (hidden.size === 0) return;
  const path = `${logPath}${hiddenFile}`;
  try {
    const known = readKnown(String(await flow.archive.read(path, 0, maxFile)));
    const files = { ...known, ...withoutFolder(hidden, logPath) };
    await flow.archive.write(path, `${JSON.stringify({ hidden: files }, null, 2)}\n`);
  } catch (error) {
    flow.logger.warn({ build: build.id, err: errorText(error) }, 'what was hidden in logs could not be noted');
  }
}

function withoutFolder(hidden: ReadonlyMap<string, HiddenCounts>, folder: string): Record<string, HiddenCounts> {
  return Object.fromEntries([...hidden].map(([path, counts]) => [path.slice(folder.length), counts]));
}

function readKnown(text: string): Record<string, HiddenCounts> {
  if (text === '') return {};
  return (JSON.parse(text) as { hidden: Record<string, HiddenCounts> }).hidden;
}
