/** ISO 8601 UTC, or undefined for null. */
export function isoOf(date: Date | null): string | undefined {
  return date?.toISOString();
}
