/** What is read of a list of tests that a job has written. */
const maxCharacters = 16 * 1024 * 1024;
const maxTests = 50_000;
const maxId = 1024;

/** Ids of tests, one a line, as `stestr list` and `tempest run --list-tests` print them; blank lines and comments are left out. */
export function readSelection(text: string): readonly string[] {
  const ids: string[] = [];
  const end = Math.min(text.length, maxCharacters);
  for (let from = 0; from < end && ids.length < maxTests;) {
    const lineEnd = text.indexOf('\n', from);
    const to = lineEnd < 0 ? text.length : lineEnd;
    // A longer one is no test's: the stream of the results holds none.
    const line = to - from > maxId ? '' : text.slice(from, to).trim();
    if (line !== '' && !line.startsWith('#')) ids.push(line);
    from = to + 1;
  }
  return ids;
}
