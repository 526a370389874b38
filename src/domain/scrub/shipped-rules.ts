/* oxlint-disable no-control-regex -- colours stand between names and values */
import { privateKeysRule } from './private-keys.ts';
import { allMatches } from './rule.ts';
import type { Range, ScrubRule } from './rule.ts';

// Patterns match within a line and every part of them is bounded: a hostile line costs linear time.

const name =
  '(?:passw(?:or)?d|passphrase|pswd|(?:admin|new|root)_?pass|secret(?:[_-]?key)?|token|(?:api|access|auth|private|encryption|signing)[_-]?key|credential)(?:[_-](?:id|value|uuid|hash))?';
const colour = '(?:\\x1b\\[[0-9;]{0,12}m)?';
const quoted = `"((?:[^"\\\\\\r\\n]|\\\\[^\\r\\n]){1,4096})"|'((?:[^'\\\\\\r\\n]|\\\\[^\\r\\n]){1,4096})'|\\\\"([^"\\\\\\r\\n]{1,4096})\\\\"`;
const bare = `([^ \\t\\r\\n"'\\\\,;&<>(){}\\[\\]|\\x1b\`]{1,4096})`;

/** `password = x`, `"adminPass": "x"`, `ADMIN_PASSWORD=x`, `token => 'x'` */
const named = new RegExp(
  `${name}(?:\\\\?["'])?${colour}[ \\t]{0,8}(?:=>|[:=])[ \\t]{0,8}${colour}[ub]?(?:${quoted}|${bare})`,
  'gid',
);
/** `--os-password x`, `-token x` */
const option = new RegExp(`-[a-z0-9-]{0,30}${name}[ \\t]{1,4}(?:${quoted}|${bare})`, 'gid');
/** `<adminPass>x</adminPass>` */
const element = new RegExp(`<[a-z:_]{0,20}${name}>([^<\\r\\n]{1,4096})<`, 'gid');
const header = new RegExp(
  `(?:(?:proxy-)?authorization|x-(?:auth|subject|service|storage|admin|user)-token|x-amz-security-token|(?:set-)?cookie)(?:\\\\?["'])?${colour}[ \\t]{0,4}[:=][ \\t]{0,4}${colour}(?:\\\\?["'])?(?:(?:basic|bearer|digest|token|negotiate)[ \\t]{1,4})?([^ \\t\\r\\n"'\\\\\\x1b]{1,8192})`,
  'gid',
);
const mysql = /\b(?:mysql|mysqladmin|mysqldump|mariadb)\b[^\r\n]{0,200}? -p([^ \t\r\n"'\\;|&]{1,256})/dg;
const curlUser = /\bcurl\b[^\r\n]{0,300}? (?:-u|--user)[ =]["']?[^ \t\r\n:"']{1,128}:([^ \t\r\n"']{1,256})/dg;
const authority = /:\/\/([^ \t\r\n"'\\<>/?#\x1b]{1,2048}@)/dg;
const tokens =
  /\bgAAAAA[\w-]{50,8192}={0,2}|\beyJ[\w-]{10,8192}\.[\w-]{8,8192}\.[\w-]{8,8192}|\bgh[pousr]_[A-Za-z0-9]{36,255}|\bglpat-[\w-]{20,64}|\bxox[abprs]-[\w-]{10,255}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;
const hashes = /\$(?:1|5|6|y|7|2[abxy]?|apr1|argon2id?)\$[\w./$=,+-]{16,255}/g;

/** Not the value of a secret: nothing, a reference to it, a number, or what was hidden before. */
const harmless =
  /^(?:\*+|none|null|nil|true|false|yes|no|undefined|<.*>?|&lt;.*|\$.*|%.*|-?\d{1,6}(?:\.\d{1,6})?|\{sha\d*\}.*|~[b-z2-9]+~|:.*|=.*|\.{1,3})$/i;

/** Those that sidegate brings, by name. Those of one person's lab come from the configuration. */
export const shippedRules: readonly ScrubRule[] = [
  privateKeysRule,
  rule('authorization', (text) => valuesOf(text, header)),
  rule('password', (text) => [option, element, named].flatMap((pattern) => valuesOf(text, pattern))),
  rule('command-line', (text) => [...valuesOf(text, mysql), ...valuesOf(text, curlUser)]),
  rule('url-password', (text) => allMatches(text, authority, 1).flatMap((range) => passwordsIn(text, range))),
  rule('token', (text) => allMatches(text, tokens)),
  rule('password-hash', (text) => allMatches(text, hashes)),
];

function rule(ruleName: string, find: (text: string) => readonly Range[]): ScrubRule {
  const sorted = (text: string) => find(text).toSorted((a, b) => a.start - b.start);
  return { name: ruleName, find: sorted, identity: undefined, hidesPlaceholders: true };
}

/** What the one group that matched holds. */
function valuesOf(text: string, pattern: RegExp): readonly Range[] {
  const found: Range[] = [];
  for (const match of text.matchAll(pattern)) {
    const [start, end] = match.indices?.slice(1).find((indices) => indices !== undefined) ?? [];
    if (start === undefined || end === undefined) continue;
    if (!harmless.test(text.slice(start, end))) found.push({ start, end });
  }
  return found;
}

/** Of `user:password@`; of several hosts, as in transport_url, each has its own. */
function passwordsIn(text: string, { start, end }: Range): readonly Range[] {
  return Array.from(text.slice(start, end).matchAll(/:([^:@,]{1,1024})(?=@)/g), ({ 1: password = '', index }) => ({
    start: start + index + 1,
    end: start + index + 1 + password.length,
  })).filter((range) => !harmless.test(text.slice(range.start, range.end)));
}
