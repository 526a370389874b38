/* oxlint-disable no-control-regex -- control characters are what this file removes */
// Terminal escapes as whole sequences: CSI (colours, cursor), OSC (window title, links), then any other two-character escape.
// No part of a pattern can match what its neighbour matches, so each runs in linear time.
const csi = /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?/g;
const osc = /(?:\u001b\]|\u009d)[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?/g;
const otherEscape = /\u001b[ -~]?/g;
const whitespace = /[\s\u0085]+/g;
const control = /[\u0000-\u001f\u007f-\u009f]/g;
/** Characters that show nothing or turn the direction of what follows: bidi marks, overrides and isolates, zero-width, tags. */
const invisible =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\u{e0001}|[\u{e0020}-\u{e007f}]/gu;

/** Hostile text as one harmless line of at most `max` characters: no line breaks, control characters, terminal escapes, bidi tricks. */
export function oneLine(text: string, max: number): string {
  const head = text.slice(0, max * 4 + 1024).toWellFormed();
  const clean = head
    .replace(csi, '')
    .replace(osc, '')
    .replace(otherEscape, '')
    .replace(whitespace, ' ')
    .replace(control, '')
    .replace(invisible, '')
    .trim();
  return cut(clean, max);
}

/** `oneLine` that Gerrit shows as it is: nothing left becomes a link, HTML or Markdown. */
export function plainLine(text: string, max: number): string {
  const plain = oneLine(text, max).replace(/[<>`]/g, "'").replace(/\]\(/g, '] (').replace(/:\/\//g, ': //');
  return cut(plain, max);
}

function cut(text: string, max: number): string {
  if (text.length <= max) return text;
  // Cutting between two halves of a surrogate pair leaves half a character: drop it.
  const end = /[\ud800-\udbff]/.test(text.charAt(max - 2)) ? max - 2 : max - 1;
  return `${text.slice(0, Math.max(0, end))}…`;
}
