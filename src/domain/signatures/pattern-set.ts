import { compileProgram } from './pattern-program.ts';
import type { Program } from './pattern-program.ts';
import type { PatternNode } from './pattern-syntax.ts';

/** A set of states of the program, seen as one state. */
interface SetState {
  /** States that wait for a byte or for the end of the line. */
  readonly waiting: readonly number[];
  /** Patterns that match when this state is reached. */
  readonly accepts: readonly number[];
  /** Those that match when the line ends here; worked out when it first does. */
  acceptsAtEnd: readonly number[] | undefined;
}

/** States remembered; a log that leads to more lets them be worked out again. */
const mostRemembered = 2000;

/**
 * Several patterns looked for at the same time, each byte once, in time linear in the text whatever it is: the automaton is made
 * deterministic as far as the text needs it.
 */
export class PatternSet {
  readonly #program: Program;
  /** Bytes that no pattern tells apart have one class. */
  readonly #classOf = new Uint8Array(256);
  readonly #representatives: number[] = [];
  readonly #numbers = new Map<string, number>();
  #states: SetState[] = [];
  /** By state and class; 0: not worked out yet. States are numbered from 1. */
  #next = new Int32Array(0);
  /** Of each state: 1 when it accepts something. */
  #accepting = new Uint8Array(0);
  readonly #restart: ReadonlySet<number>;
  /** 0: not worked out yet. */
  #begin = 0;

  constructor(patterns: readonly PatternNode[]) {
    this.#program = compileProgram(patterns);
    this.#divideBytes();
    this.#restart = this.#closure(this.#program.starts, 'middle');
  }

  /** State at the start of a line. The number of a state holds until other text is looked at; `suspend` gives what lasts longer. */
  begin(): number {
    this.#begin ||= this.#number(this.#closure(this.#program.starts, 'start'));
    return this.#begin;
  }

  suspend(state: number): readonly number[] {
    return this.#states[state - 1]!.waiting;
  }

  resume(suspended: readonly number[]): number {
    return this.#number(new Set(suspended));
  }

  /**
   * Goes over `bytes` from `from` to `to`, which hold no end of a line. Tells each pattern that is found with the offset behind it, possibly
   * more than once. Answers the state to go on with.
   */
  run(
    state: number,
    bytes: Uint8Array,
    range: { from: number; to: number },
    found: (pattern: number, end: number) => void,
  ): number {
    let at = state;
    const classes = this.#representatives.length;
    for (let index = range.from; index < range.to; index += 1) {
      const place = at * classes + this.#classOf[bytes[index]!]!;
      at = this.#next[place]! || this.#step(at, this.#classOf[bytes[index]!]!);
      if (this.#accepting[at]) for (const pattern of this.#states[at - 1]!.accepts) found(pattern, index + 1);
    }
    return at;
  }

  /** Patterns that are found because the line ends in this state. */
  end(state: number): readonly number[] {
    const known = this.#states[state - 1]!;
    known.acceptsAtEnd ??= this.#acceptsAtEnd(known.waiting);
    return known.acceptsAtEnd;
  }

  /** True when there is nothing to look for. */
  get isEmpty(): boolean {
    return this.#program.starts.length === 0;
  }

  #divideBytes(): void {
    const sets = new Set(this.#program.states.flatMap((state) => (state.kind === 'bytes' ? [state.set] : [])));
    const classes = new Map<string, number>();
    for (let byte = 0; byte < 256; byte += 1) {
      const key = [...sets].map((set) => set[byte]).join('');
      if (!classes.has(key)) {
        classes.set(key, classes.size);
        this.#representatives.push(byte);
      }
      this.#classOf[byte] = classes.get(key)!;
    }
  }

  #step(state: number, byteClass: number): number {
    const byte = this.#representatives[byteClass]!;
    const { waiting } = this.#states[state - 1]!;
    const after = waiting.flatMap((one) => {
      const known = this.#program.states[one]!;
      return known.kind === 'bytes' && known.set[byte] ? [known.next] : [];
    });
    const reached = this.#closure(after, 'middle').union(this.#restart);
    const before = this.#states.length;
    const next = this.#number(reached);
    // All were forgotten: `state` is no number any more.
    if (this.#states.length >= before) this.#next[state * this.#representatives.length + byteClass] = next;
    return next;
  }

  /** The number of a set of states, by which it is found again. */
  #number(reached: ReadonlySet<number>): number {
    const { states } = this.#program;
    const sorted = [...reached].toSorted((one, other) => one - other);
    const key = sorted.join();
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    if (this.#states.length >= mostRemembered) this.#forget();
    const accepts = this.#accepted(sorted);
    const waiting = sorted.filter((one) => states[one]!.kind === 'bytes' || states[one]!.kind === 'line-end');
    const number = this.#states.push({ waiting, accepts, acceptsAtEnd: undefined });
    this.#numbers.set(key, number);
    this.#grow();
    this.#accepting[number] = accepts.length > 0 ? 1 : 0;
    return number;
  }

  #grow(): void {
    const needed = this.#states.length + 1;
    if (needed <= this.#accepting.length) return;
    const room = Math.min(mostRemembered + 1, Math.max(64, needed * 2));
    const accepting = new Uint8Array(room);
    accepting.set(this.#accepting);
    this.#accepting = accepting;
    const next = new Int32Array(room * this.#representatives.length);
    next.set(this.#next);
    this.#next = next;
  }

  #forget(): void {
    this.#states = [];
    this.#numbers.clear();
    this.#begin = 0;
    this.#next.fill(0);
  }

  #acceptsAtEnd(waiting: readonly number[]): readonly number[] {
    const { states } = this.#program;
    const ends = waiting.filter((one) => states[one]!.kind === 'line-end');
    if (ends.length === 0) return [];
    return this.#accepted([...this.#closure(ends, 'end')]);
  }

  #accepted(reached: readonly number[]): readonly number[] {
    return reached.flatMap((one) => {
      const state = this.#program.states[one]!;
      return state.kind === 'accept' ? [state.pattern] : [];
    });
  }

  /** What is reached without a byte. */
  #closure(from: readonly number[], place: 'start' | 'middle' | 'end'): Set<number> {
    const reached = new Set<number>();
    const todo = [...from];
    for (let one = todo.pop(); one !== undefined; one = todo.pop()) {
      if (reached.has(one)) continue;
      reached.add(one);
      const state = this.#program.states[one]!;
      if (state.kind === 'split') todo.push(...state.next);
      if (state.kind === 'line-start' && place === 'start') todo.push(state.next);
      if (state.kind === 'line-end' && place === 'end') todo.push(state.next);
    }
    return reached;
  }
}
