import { oneLine } from './sanitize.ts';
import type { EvidenceLine } from './verdict.ts';
import { serverConsoleFile } from './log-path.ts';

const longest = 128 * 1024;
const mostLines = 4;
const lastLines = 3;
const longestText = 300;

/** The first line of a kernel that boots. */
const boot = /Linux version \d/;
const panic = /Kernel panic - not syncing/;
const telling =
  /Kernel panic - not syncing|Out of memory: Killed? process|oom-kill:|invoked oom-killer|kernel BUG at |reboot: /;

/**
 * Whether the console of a server shows that its kernel panicked: of a server that is `silent`, since it booted last; of one that is `back`,
 * before that. What is older was over before the job began. The text is the server's, and may be anything.
 */
export function showsPanic(text: string, server: 'silent' | 'back'): boolean {
  const lines = linesOf(text);
  const boots = lines.flatMap((line, number) => (boot.test(line) ? [number] : []));
  const since = boots.at(server === 'silent' ? -1 : -2) ?? 0;
  return lines.slice(since).some((line) => panic.test(line));
}

/** The lines of it that say most, or its last ones. */
export function tellingLines(text: string): readonly EvidenceLine[] {
  const lines = linesOf(text)
    .map((line, index) => ({ log: serverConsoleFile, line: index + 1, text: oneLine(line, longestText) }))
    .filter((line) => line.text !== '');
  const found = lines.filter((line) => telling.test(line.text));
  return found.length > 0 ? found.slice(-mostLines) : lines.slice(-lastLines);
}

function linesOf(text: string): readonly string[] {
  return text.slice(0, longest).split('\n');
}
