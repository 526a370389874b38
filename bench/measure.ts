/** Milliseconds (or megabytes) to one digit, the way they are printed. */
export function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** The nearest-rank quantile: a value that was measured, never one in between. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
