/** The patterns of OpenDev's summary tab (plugins_zuul-results-summary, `web/plugin.js`), unchanged. */
export const statusWithPipeline = /^Build (?<status>\w+) \((?<pipeline>[\w]+) pipeline\)\./m;
export const resultPattern =
  /^- (?<job>[^ ]+) (?:(?<link>https?:\/\/[^ ]+)|[^ ]+) : ((ERROR (?<errormsg>.*?) in (?<errtime>.*))|(?<result>[^ ]+)( in (?<time>.*))?)/;

/** Results the summary tab has a colour for. */
const knownResults = new Set([
  'SUCCESS',
  'FAILURE',
  'ERROR',
  'RETRY_LIMIT',
  'SKIPPED',
  'ABORTED',
  'MERGER_FAILURE',
  'NODE_FAILURE',
  'TIMED_OUT',
  'POST_FAILURE',
  'CONFIG_ERROR',
  'DISK_FULL',
]);

/** Gerrit's default limit of a comment (`change.commentSizeLimit`). */
export const longestComment = 16_384;

/** What is wrong with a comment we are about to post; empty: Gerrit takes it and the summary tab shows all of it. */
export function lintReport(text: string): readonly string[] {
  const lines = text.split('\n');
  return [
    ...(text.length > longestComment ? [`longer than ${longestComment} characters`] : []),
    ...lintStatus(lines),
    ...lintResults(lines),
    ...lines.flatMap(lintCharacters),
    ...lines.flatMap(lintCommand),
  ];
}

function lintStatus(lines: readonly string[]): readonly string[] {
  const [first = '', ...rest] = lines;
  if (!statusWithPipeline.test(first)) return ['line 1 is not "Build WORD (PIPELINE pipeline)."'];
  return rest.some((line) => /^Build \w+(?: \(\w+ pipeline\))?\./.test(line)) ? ['a second status line'] : [];
}

function lintResults(lines: readonly string[]): readonly string[] {
  const results = lines.flatMap((line, index) => (line.startsWith('- ') ? [{ line, number: index + 1 }] : []));
  if (results.length === 0) return ['no line "- JOB URL : RESULT"'];
  return results.flatMap(({ line, number }) => {
    const groups = resultPattern.exec(line)?.groups;
    if (!groups) return [`line ${number} is not "- JOB URL : RESULT in TIME"`];
    if (!groups['link']) return [`line ${number} has no link to the logs`];
    const result = groups['result'] ?? 'ERROR';
    return knownResults.has(result) ? [] : [`line ${number}: the summary tab does not know ${result}`];
  });
}

function lintCharacters(line: string, index: number): readonly string[] {
  const bad = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2028\u2029\u2066-\u2069]/u.test(line);
  return bad ? [`line ${index + 1} holds a control character`] : [];
}

/** Other CIs look for these words at the start of a line, some without looking at the author. */
function lintCommand(line: string, index: number): readonly string[] {
  return /^\s*(?:recheck|run-|reverify)/i.test(line) ? [`line ${index + 1} starts with a trigger word of CIs`] : [];
}
