/** Characters that XML 1.0 does not allow, and halves of surrogate pairs. */
// oxlint-disable-next-line no-control-regex -- control characters are what is dropped
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Cs}/gu;
const special = /[&<>"'\r]/g;

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '\r': '&#13;',
};

/** Text that means itself in XML and HTML, between tags; what XML does not allow is dropped. */
export function escapeText(text: string): string {
  return text.replaceAll(illegal, '').replaceAll(special, (character) => escapes[character] ?? '');
}

/** The same within quotes, where line ends and tabs would become blanks. */
export function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;');
}
