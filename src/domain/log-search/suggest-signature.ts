export interface FoundText {
  /** A pattern as signatures take it. */
  readonly pattern: string;
  /** Names below the build's log folder in which it was found. */
  readonly logs: readonly string[];
  /** A line that shows it. */
  readonly example: string | undefined;
}

const mostLogs = 10;

/** A file for `signatures:`, in YAML, with what only a person knows left to fill in. Each text is quoted as JSON, which YAML reads alike. */
export function suggestSignature({ example, logs, pattern }: FoundText): string {
  const names = [...new Set(logs.map(logPattern))].toSorted().slice(0, mostLogs);
  return [
    'id: name-it',
    "title: 'what is wrong, in one line'",
    'cause: patch # changes nothing; else cloud, network, server, disk, backend, mirror, branch, flaky or devstack',
    'logs:',
    ...names.map((name) => `  - ${quoted(name)}`),
    'any:',
    `  - ${quoted(pattern)}`,
    ...(example === undefined ? [] : ['examples:', '  match:', `    - ${quoted(example)}`]),
    '',
  ].join('\n');
}

/** Wherever a job puts it, packed or not. */
function logPattern(name: string): string {
  const file = name.replace(/\.gz$/, '').split('/').at(-1) ?? name;
  return name.includes('/') ? `*${file}` : file;
}

function quoted(text: string): string {
  return JSON.stringify(text.slice(0, 1000));
}
