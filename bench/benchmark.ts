/** One measured number. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: 'ms' | 's' | 'min' | 'kB' | 'MB' | '/s' | '%' | '×' | 'MB/s' | '';
  /** What it shall stay below (times, memory) or above (rates, `×`). */
  readonly aim?: number;
}

export interface Benchmark {
  readonly name: string;
  readonly run: () => Promise<readonly Figure[]>;
}
