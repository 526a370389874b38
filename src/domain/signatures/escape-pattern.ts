/** The pattern that stands for a text as it is. */
export function escapePattern(text: string): string {
  return text.replaceAll('\t', String.raw`\t`).replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
}
