import type { Pipeline } from './settings.ts';

/**
 * Is this comment a recheck for us? `texts` of the event are raw comments; `NAME` is a configured name, case does not matter.
 *
 * | comment                                  | runs                         | why                                             |
 * |------------------------------------------|------------------------------|-------------------------------------------------|
 * | `recheck`, `Recheck.`, `  recheck\n…`    | every recheck pipeline       | a bare recheck means every CI (SC)              |
 * | `recheck bug 123`, `recheck: timed out`  | every recheck pipeline       | a recheck with its reason                       |
 * | `recheck linstor`                        | every recheck pipeline       | Zuul runs on it too; it may as well be a reason |
 * | `recheck NAME`, `recheck NAME: flaky`    | pipelines that know NAME     | called by name                                  |
 * | `recheck-NAME`                           | pipelines that know NAME     | old way of calling by name                      |
 * | `recheck-other`, `recheck_x`, `rechecked`| none                         | another CI's word, or no command                |
 * | `recheck's result is …`                  | none                         | talk                                            |
 * | `run-FULL NAME CI` on a line of its own  | every recheck pipeline       | Cinder's rule; several CIs on several lines     |
 * | `run-OTHER CI`                           | none                         | for another CI                                  |
 * | `please recheck`, `text\n\nrecheck`      | none                         | Zuul wants it first; so nobody triggers by talk |
 * | `> recheck`, `> run-FULL NAME CI`        | none                         | a quotation                                     |
 * | `Patch Set 2: Code-Review+1\n\nrecheck`  | every recheck pipeline       | Gerrit's header is no part of the comment       |
 * | `(1 comment)\n\nrecheck`                 | every recheck pipeline       | nor is its count of inline comments             |
 *
 * Upstream's pattern for the header, `( [\w\\+-]*)*`, is exponential. Here every character is looked at a fixed number of times.
 */
export type RecheckCall =
  | { readonly kind: 'everything'; readonly words: string }
  /** `name` is one of the configured names, lower case. */
  | { readonly kind: 'named'; readonly name: string; readonly words: string }
  | { readonly kind: 'none' };

/** Gerrit's own limit of one comment; no more is read. */
const longestComment = 16_384;
const none: RecheckCall = { kind: 'none' };

/** The words people type to run everything of this CI and nothing of others. */
export function runCommand(ciName: string): string {
  return `run-${ciName}`;
}

/** What a report tells people to type; undefined: nothing they type runs this pipeline. A bare recheck would run all other CIs too. */
export function rerunWords(pipeline: Pipeline, ciName: string): string | undefined {
  return recheckNames(pipeline) === undefined ? undefined : runCommand(ciName);
}

export function recheckCall(text: string, names: readonly string[], ciName: string): RecheckCall {
  const lines = withoutHeader(text.slice(0, longestComment)).split(/\r?\n|\u2028/);
  const first = firstLineCall(lines[0] ?? '', names);
  if (first.kind === 'everything') return first;
  const command = runCommand(ciName).toLowerCase();
  if (lines.some((line) => startsWithCommand(line, command))) return { kind: 'everything', words: runCommand(ciName) };
  return first;
}

/** Pipelines of `candidates` that the comment calls. */
export function calledPipelines(candidates: readonly Pipeline[], call: RecheckCall): readonly Pipeline[] {
  if (call.kind === 'none') return [];
  const recheckable = candidates.filter((pipeline) => recheckNames(pipeline) !== undefined);
  if (call.kind === 'everything') return recheckable;
  return recheckable.filter((pipeline) => recheckNames(pipeline)?.some((name) => name.toLowerCase() === call.name));
}

/** Names a pipeline listens to, besides the bare recheck; undefined: it has no recheck trigger. */
export function recheckNames(pipeline: Pipeline): readonly string[] | undefined {
  const rules = pipeline.triggers.filter((rule) => rule.event === 'recheck');
  return rules.length === 0 ? undefined : rules.flatMap((rule) => rule.names);
}

/** The comment as its author wrote it: without `Patch Set 2: Code-Review+1`, `(1 comment)` and blank lines before it. */
function withoutHeader(text: string): string {
  const body = text.trimStart();
  const header = /^Patch Set [0-9]{1,9}:[^\r\n]*/i.exec(body);
  const rest = header && isHeader(header[0]) ? body.slice(header[0].length).trimStart() : body;
  return rest.replace(/^\([0-9]{1,9} comments?\)\s*(?:\n|$)/, '').trimStart();
}

/** Gerrit's header holds votes only (` Code-Review+1 -Verified`); with other words, somebody typed it. */
function isHeader(line: string): boolean {
  const votes = line.slice(line.indexOf(':') + 1).split(/\s/);
  return votes.every(
    (word) => word === '' || /^-[A-Za-z][\w-]*$/.test(word) || /^[A-Za-z][\w-]*[+-][0-9]{1,3}$/.test(word),
  );
}

function firstLineCall(line: string, names: readonly string[]): RecheckCall {
  const text = line.trim();
  if (!/^recheck/i.test(text)) return none;
  const rest = text.slice('recheck'.length);
  if (/^['’]?[\p{L}\p{N}]/u.test(rest)) return none;
  const words = text.slice(0, 80);
  const joined = rest.startsWith('-') || rest.startsWith('_');
  const name = calledName(joined ? rest.slice(1) : rest.trimStart(), names);
  if (name) return { kind: 'named', name, words };
  return joined ? none : { kind: 'everything', words };
}

/** The configured name `text` begins with as a whole word, lower case. `zvm` is not found in `zvm-full`. */
function calledName(text: string, names: readonly string[]): string | undefined {
  const lower = text.toLowerCase();
  return names
    .map((name) => name.toLowerCase())
    .find((name) => lower.startsWith(name) && endsWord(lower.slice(name.length)));
}

function startsWithCommand(line: string, command: string): boolean {
  const text = line.trim().toLowerCase();
  return text.startsWith(command) && endsWord(text.slice(command.length));
}

/** True at a blank, the end, or punctuation that ends a word (`.` only when no word follows it). */
function endsWord(rest: string): boolean {
  return rest === '' || /^(?:\s|[.,:;!?)]+(?:\s|$))/.test(rest);
}
