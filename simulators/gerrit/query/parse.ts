import { Refusal } from '../gerrit.ts';

/** A query as a tree. A term without an operator has an empty `operator`. */
export type QueryNode =
  | { readonly kind: 'and' | 'or'; readonly nodes: readonly QueryNode[] }
  | { readonly kind: 'not'; readonly node: QueryNode }
  | { readonly kind: 'term'; readonly operator: string; readonly value: string };

const maxLength = 8_192;
const maxDepth = 100;
const token = /\s*(?:([()])|(-)(?=\S)|((?:[A-Za-z_]+:)?(?:"(?:[^"\\]|\\.)*"|\{[^}]*\}|[^\s()"{}]+)))/y;

/** Gerrit's query language: terms side by side mean AND. An empty query matches everything. */
export function parseQuery(text: string): QueryNode {
  if (text.length > maxLength) throw new Refusal(400, 'query too long');
  const parser = new Parser(tokenize(text));
  return parser.parse();
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const at = token.lastIndex;
    const found = token.exec(text);
    if (found === null) throw new Refusal(400, `line 1:${at} no viable alternative at character '${text.charAt(at)}'`);
    tokens.push(found[1] ?? found[2] ?? found[3] ?? '');
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly string[];
  #position = 0;
  #depth = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  parse(): QueryNode {
    if (this.#tokens.length === 0) return { kind: 'and', nodes: [] };
    const node = this.#or();
    if (this.#position < this.#tokens.length) throw new Refusal(400, `Unexpected ${this.#peek()}`);
    return node;
  }

  #peek(): string | undefined {
    return this.#tokens[this.#position];
  }

  #or(): QueryNode {
    const nodes = [this.#and()];
    while (this.#peek() === 'OR') {
      this.#position += 1;
      nodes.push(this.#and());
    }
    return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'or', nodes };
  }

  #and(): QueryNode {
    const nodes = [this.#not()];
    for (let next = this.#peek(); next !== undefined && next !== ')' && next !== 'OR'; next = this.#peek()) {
      if (next === 'AND') this.#position += 1;
      nodes.push(this.#not());
    }
    return nodes.length === 1 && nodes[0] ? nodes[0] : { kind: 'and', nodes };
  }

  #not(): QueryNode {
    const next = this.#peek();
    if (next !== '-' && next !== 'NOT') return this.#operand();
    this.#position += 1;
    return { kind: 'not', node: this.#nested(() => this.#not()) };
  }

  #operand(): QueryNode {
    const next = this.#peek();
    if (next === undefined || next === ')') throw new Refusal(400, 'Unexpected end of query');
    this.#position += 1;
    if (next !== '(') return term(next);
    const node = this.#nested(() => this.#or());
    if (this.#peek() !== ')') throw new Refusal(400, 'missing )');
    this.#position += 1;
    return node;
  }

  #nested(parse: () => QueryNode): QueryNode {
    this.#depth += 1;
    if (this.#depth > maxDepth) throw new Refusal(400, 'query too deep');
    const node = parse();
    this.#depth -= 1;
    return node;
  }
}

function term(text: string): QueryNode {
  const [, operator = '', raw = ''] = /^(?:([A-Za-z_]+):)?([\s\S]*)$/.exec(text) ?? [];
  const value = unquote(raw);
  if (value === '') throw new Refusal(400, `line 1:${text.length} no value behind ${text}`);
  return { kind: 'term', operator: operator.toLowerCase(), value };
}

function unquote(text: string): string {
  if (text.startsWith('"')) return text.slice(1, -1).replaceAll(/\\(.)/g, '$1');
  return text.startsWith('{') ? text.slice(1, -1) : text;
}
