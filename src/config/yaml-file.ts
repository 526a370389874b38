import { LineCounter, isAlias, isMap, isNode, isPair, isScalar, parseDocument } from 'yaml';
import type { Document, Node } from 'yaml';
import type { Path, Problem } from './problem.ts';
import { pythonTags } from './python-yaml.ts';

interface Position {
  readonly line: number;
  readonly column: number;
}

/** A parsed YAML file that knows where each value stands. */
export interface YamlFile {
  readonly file: string;
  readonly content: unknown;
  /** Place of the value, or of the nearest one around it. */
  position(path: Path): Position | undefined;
}

/** More aliases than people write; a bomb of nested ones is refused before it unfolds. */
const maxAliasCount = 100;

/**
 * Parses YAML 1.2, or 1.1 as OpenStack's tools do, where `verify: no` is false; whole numbers are bigint then, so that a password of
 * digits keeps all of them. Duplicate keys, unknown tags, several documents and alias bombs are problems,
 * each with its place.
 */
export function parseYamlFile(
  file: string,
  text: string,
  version: '1.1' | '1.2' = '1.2',
): { readonly yaml: YamlFile; readonly problems: readonly Problem[] } {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version,
    ...(version === '1.1' ? { intAsBigInt: true, customTags: pythonTags } : {}),
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    merge: true,
    logLevel: 'error',
  });
  const problem = (what: string, offset: number | undefined): Problem => {
    const at = offset === undefined ? undefined : lines.linePos(offset);
    return { level: 'error', file, path: '', line: at?.line, column: at?.col, what, todo: '' };
  };
  const problems = [...document.errors, ...document.warnings]
    .slice(0, 50)
    .map((error) => problem(sentence(error.message), error.pos[0]));
  let content: unknown;
  try {
    content = problems.length === 0 ? document.toJS({ maxAliasCount }) : undefined;
  } catch (error) {
    problems.push(problem(sentence(error instanceof Error ? error.message : String(error)), undefined));
  }
  return { yaml: { file, content, position: (path) => positionOf(document, path, lines) }, problems };
}

function positionOf(document: Document, path: Path, lines: LineCounter): Position | undefined {
  const offset = offsetOf(document.contents, path);
  if (offset === undefined) return undefined;
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}

function offsetOf(root: unknown, path: Path): number | undefined {
  let node: unknown = root;
  let offset = startOf(node);
  for (const step of path) {
    const next = child(node, step);
    if (!next) return offset;
    offset = next.offset ?? offset;
    node = next.node;
  }
  return offset;
}

/** In a map the key is shown, not the value: that is where people look. */
function child(
  node: unknown,
  step: PropertyKey,
): { readonly node: unknown; readonly offset: number | undefined } | undefined {
  if (!isNode(node) || isAlias(node)) return undefined;
  if (!isMap(node)) return 'items' in node ? item(node.items, step) : undefined;
  const pair = node.items.find((candidate) => isScalar(candidate.key) && String(candidate.key.value) === String(step));
  return pair && { node: pair.value, offset: startOf(pair.key) };
}

function item(
  items: readonly unknown[],
  step: PropertyKey,
): { readonly node: unknown; readonly offset: number | undefined } | undefined {
  const node = typeof step === 'number' ? items[step] : undefined;
  return node === undefined || isPair(node) ? undefined : { node, offset: startOf(node) };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}

function sentence(message: string): string {
  return message.split('\n')[0]?.slice(0, 200) ?? '';
}
