const escaped = /[<>&='\u2028\u2029]/g;

/** JSON as Gerrit's library writes it: characters that are special in HTML are escaped. */
export function gson(value: unknown, indent?: number): string {
  return JSON.stringify(value, undefined, indent).replaceAll(
    escaped,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
