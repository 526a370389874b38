/** Free text from Gerrit, cut to `max` and made storable: PostgreSQL takes neither NUL nor half a surrogate pair. */
export function cleanText(text: string, max: number): string {
  return text.slice(0, max).toWellFormed().replaceAll('\0', '\ufffd');
}
