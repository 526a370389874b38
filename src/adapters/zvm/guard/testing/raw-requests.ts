import { gzipSync } from 'node:zlib';

const head = (line: string, ...headers: string[]) => [line, 'Host: guard', ...headers].join('\r\n') + '\r\n\r\n';
const smuggled = head('DELETE /guests/MAINT HTTP/1.1');
const foreign = '{"guest":{"userid":"QA000001","vcpus":1,"memory":512}}';
const own = '{"guest":{"userid":"ZA000001","vcpus":1,"memory":512}}';
const json = 'Content-Type: application/json';

function post(body: string | Buffer, ...headers: string[]): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([
    Buffer.from(head('POST /guests HTTP/1.1', json, `Content-Length: ${bytes.length}`, ...headers)),
    bytes,
  ]);
}

const chunk = (text: string, size = text.length.toString(16)) => `${size}\r\n${text}\r\n`;

/** Two messages where one was sent, by lengths that contradict each other. */
const smuggling = [
  ...[
    'chunked',
    ' chunked',
    '\tchunked',
    'xchunked',
    'chunked, identity',
    'identity, chunked',
    'chunked\r\nTransfer-Encoding: x',
    'CHUNKED',
    '"chunked"',
  ].flatMap((coding) => [
    head('POST /guests HTTP/1.1', json, `Content-Length: ${5 + smuggled.length}`, `Transfer-Encoding:${coding}`) +
      `0\r\n\r\n${smuggled}`,
    head('POST /guests HTTP/1.1', json, 'Content-Length: 4', `Transfer-Encoding:${coding}`) +
      chunk(smuggled) +
      '0\r\n\r\n',
  ]),
  ...[
    'Transfer-Encoding : chunked',
    ' Transfer-Encoding: chunked',
    'Transfer-Encoding\r\n : chunked',
    'Transfer_Encoding: chunked',
    'X: y\r\n Transfer-Encoding: chunked',
    'X: y\nTransfer-Encoding: chunked',
    'X: y\rTransfer-Encoding: chunked',
    'Transfer-Encoding:\u000bchunked',
  ].map((header) => head('POST /guests HTTP/1.1', json, 'Content-Length: 5', header) + `0\r\n\r\n${smuggled}`),
  ...[
    '0\r\nContent-Length: 54',
    '54\r\nContent-Length: 0',
    '+54',
    '-1',
    '0x36',
    '54, 54',
    '54,0',
    '',
    '5 4',
    '054',
    '99999999999999999999',
    '54.0',
    '54\r\nContent-Length: 54',
  ].map((length) => head('POST /guests HTTP/1.1', json, `Content-Length: ${length}`) + foreign + smuggled),
  head('GET /guests HTTP/1.1', 'Content-Length: 0') + smuggled,
  head('GET /guests HTTP/1.1', `Content-Length: ${smuggled.length}`) + smuggled,
  head('GET /guests HTTP/1.1') + smuggled + head('DELETE /guests/QA000001 HTTP/1.1'),
  head('GET /guests HTTP/1.1', 'Connection: keep-alive') + post(foreign).toString() + post(own).toString(),
];

const chunks = [
  ...[
    '0x36',
    '36;name=MAINT',
    '36 ',
    ' 36',
    '-36',
    '+36',
    '36\n',
    '0036',
    'ffffffffffffffff36',
    '3 6',
    '',
    '35',
    '37',
  ].map(
    (size) => head('POST /guests HTTP/1.1', json, 'Transfer-Encoding: chunked') + chunk(foreign, size) + '0\r\n\r\n',
  ),
  head('POST /guests HTTP/1.1', json, 'Transfer-Encoding: chunked') +
    foreign.replaceAll(/./g, (letter) => chunk(letter)) +
    '0\r\n\r\n',
  head('POST /guests HTTP/1.1', json, 'Transfer-Encoding: chunked') +
    chunk(own) +
    `0\r\nContent-Length: 0\r\nHost: MAINT\r\n\r\n${smuggled}`,
  head('POST /guests HTTP/1.1', json, 'Transfer-Encoding: chunked') + `${own.length.toString(16)}\r\n${own}0\r\n\r\n`,
];

const targets = [
  'http://feilong:8080/guests/MAINT',
  'feilong:8080',
  '*',
  '//guests/MAINT',
  '//MAINT@feilong/guests',
  '/guests/../guests/MAINT',
  '/guests/%2e%2e/guests/MAINT',
  '/guests/ZA000001/../MAINT',
  '/guests/ZA000001%2f..%2fMAINT',
  '/guests/ZA000001%00',
  '/guests/%4dAINT',
  '/guests/%254dAINT',
  '/guests/ZA000001;MAINT',
  '/guests/ZA000001/\\..\\MAINT',
  '/guests\\MAINT',
  '/guests/MAINT#ZA000001',
  '/guests/ZA000001?userid=MAINT',
  '/guests?userid=MAINT',
  '/guests/stats?userid=ZA000001&userid=MAINT',
  '/guests/stats?userid=ZA000001%2CMAINT',
  '/guests/stats',
  '/guests/ZA000001 /guests/MAINT',
  '/guests/ZA000001\tMAINT',
  '/guests/MAINT/',
  '/GUESTS/MAINT',
  '/guests/\u00e9',
  '/guests/\uff2d\uff21\uff29\uff2e\uff34',
  '/%67uests/MAINT',
  '/./guests/MAINT',
  `/guests/${'A'.repeat(20_000)}`,
  `/guests/stats?userid=${'ZA000001,'.repeat(1000)}MAINT`,
].flatMap((target) => ['GET', 'DELETE'].map((method) => head(`${method} ${target} HTTP/1.1`)));

const lines = [
  'DELETE /guests/MAINT',
  'DELETE /guests/MAINT HTTP/0.9',
  'DELETE /guests/MAINT HTTP/1.0',
  'DELETE /guests/MAINT HTTP/2.0',
  'DELETE /guests/MAINT http/1.1',
  'delete /guests/MAINT HTTP/1.1',
  'DELETE  /guests/MAINT HTTP/1.1',
  ' DELETE /guests/MAINT HTTP/1.1',
  '\r\n\r\nDELETE /guests/MAINT HTTP/1.1',
  'CONNECT feilong:8080 HTTP/1.1',
  'TRACE /guests/MAINT HTTP/1.1',
  'PROPFIND /guests/MAINT HTTP/1.1',
  'PRI * HTTP/2.0',
  'GET /guests HTTP/1.1\nDELETE /guests/MAINT HTTP/1.1',
].map((line) => head(line));

const headers = [
  'X-HTTP-Method-Override: DELETE',
  'X-Original-URL: /guests/MAINT',
  'X-Rewrite-URL: /guests/MAINT',
  'X-Auth-Token: x',
  'Expect: 100-continue',
  'Expect: MAINT',
  'Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
  'Connection: Content-Length',
  'Host: MAINT',
  'Content-Encoding: gzip',
  `X: ${'a'.repeat(100_000)}`,
  'X: \0',
  'X\0Y: z',
  ': z',
  'X',
  'Content-Type: application/json; charset=utf-16',
  ...['a', 'b'].map((name) => `${name}: 1\r\n`.repeat(3000) + 'c: 1'),
]
  .map((header) => head('GET /guests HTTP/1.1', header))
  .concat([head('DELETE /guests/ZA000001 HTTP/1.1', 'X-HTTP-Method-Override: GET')]);

const bodies = [
  foreign,
  '{"guest":{"userid":"ZA000001","userid":"QA000001","vcpus":1,"memory":512}}',
  '{"guest":{"userid":"QA000001","userid":"ZA000001","vcpus":1,"memory":512}}',
  '{"guest":{"userid":"ZA000001","user\\u0069d":"MAINT","vcpus":1,"memory":512}}',
  '{"guest":{"userid":"ZA000001","vcpus":1,"memory":512},"guest":{"userid":"MAINT","vcpus":1,"memory":512}}',
  '{"guest":{"userid":"\\u004dAINT","vcpus":1,"memory":512}}',
  '{"guest":{"userid":"ZA000001\\u0000","vcpus":1,"memory":512}}',
  '{"guest":{"userid":"ZA000001","vcpus":NaN,"memory":Infinity}}',
  '{"guest":{"userid":"ZA000001","vcpus":1e400,"memory":512}}',
  '{"guest":{"userid":"ZA000001","__proto__":{"userid":"MAINT"},"vcpus":1,"memory":512}}',
  '{"__proto__":{"guest":{"userid":"MAINT","vcpus":1,"memory":512}}}',
  '{"guest":{"userid":["ZA000001","MAINT"],"vcpus":1,"memory":512}}',
  '{"guest":{"userid":"ZA000001","user_profile":"MAINT","vcpus":1,"memory":512}}',
  `${foreign}${own}`,
  `${own}${foreign}`,
  `/* */${foreign}`,
  `${own},`,
  'null',
  '0',
  '[]',
  '""',
  '',
  ' ',
  '{',
  own.slice(0, -1),
  `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
  `${'{"guest":'.repeat(50_000)}1${'}'.repeat(50_000)}`,
  '['.repeat(1_000_000),
  `{"guest":{"userid":"ZA000001","vcpus":1,"memory":512,"x":"${'a'.repeat(2_000_000)}"}}`,
  Buffer.from(foreign, 'utf16le'),
  Buffer.from(`\ufeff${foreign}`, 'utf16le'),
  Buffer.from(`\ufeff${foreign}`),
  Buffer.concat([Buffer.from([0xfe, 0xff]), Buffer.from(foreign, 'utf16le').swap16()]),
  Buffer.from(foreign.replace('Q', '\u00d1'), 'latin1'),
  Buffer.concat([
    Buffer.from('{"guest":{"userid":"'),
    Buffer.from([0xc1, 0x8d]),
    Buffer.from('AINT","vcpus":1,"memory":512}}'),
  ]),
  gzipSync(foreign),
].map((body) => post(body));

/** Requests as no decent client sends them; each wants something of others, or to confuse who reads it. */
export const rawRequests: readonly Buffer[] = [
  ...[...smuggling, ...chunks, ...targets, ...lines, ...headers].map((text) => Buffer.from(text)),
  ...bodies,
  post(gzipSync(foreign), 'Content-Encoding: gzip'),
  Buffer.from(head('GET /guests HTTP/1.1').replaceAll('\r\n', '\n') + smuggled),
  Buffer.from(head('GET /guests HTTP/1.1').replaceAll('\r\n', '\r') + smuggled),
  Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]),
  Buffer.alloc(100_000),
];

/** What goes through, to be spoilt. */
export const goodRequests: readonly Buffer[] = [
  post(own),
  Buffer.from(head('GET /guests HTTP/1.1')),
  Buffer.from(head('DELETE /guests/ZA000001 HTTP/1.1')),
  Buffer.from(head('GET /guests/stats?userid=ZA000001 HTTP/1.1')),
  Buffer.from(head('POST /guests HTTP/1.1', json, 'Transfer-Encoding: chunked') + chunk(own) + '0\r\n\r\n'),
];
