import { describe, expect, test } from 'vitest';
import { byteRange, logType } from './log-types.ts';

const gzip = Buffer.from([0x1f, 0x8b, 8]);
const text = Buffer.from('hello\n');

describe('how a log is shown', () => {
  test.each([
    ['job-output.txt', text, 'text/plain; charset=utf-8', false],
    ['page.svg', text, 'text/plain; charset=utf-8', false],
    ['evil.js', text, 'text/plain; charset=utf-8', false],
    ['evil.xml', text, 'text/plain; charset=utf-8', false],
    ['data.json', text, 'text/plain; charset=utf-8', false],
    ['localrc', text, 'text/plain; charset=utf-8', false],
    ['evil.xhtml', text, 'text/plain; charset=utf-8', false],
    ['core', Buffer.from([1, 0, 2]), 'application/octet-stream', false],
    ['latin1', Buffer.from([0x61, 0xe4, 0x62, 0x63, 0x64]), 'application/octet-stream', false],
    ['run.subunit', text, 'application/octet-stream', false],
    ['results.html', text, 'text/html; charset=utf-8', false],
    ['console.txt.gz', gzip, 'text/plain; charset=utf-8', true],
    ['testr_results.html.gz', gzip, 'text/html; charset=utf-8', true],
    ['not-really.txt.gz', text, 'application/octet-stream', false],
    ['dump.gz', gzip, 'application/octet-stream', false],
    ['picture.png.gz', gzip, 'application/octet-stream', false],
  ])('%s', (name, head, type, packed) => {
    expect(logType(name, head)).toEqual({ type, gzip: packed });
  });
});

describe('a byte range', () => {
  test.each([
    [undefined, undefined],
    ['bytes=0-3', { start: 0, end: 3 }],
    ['bytes=4-', { start: 4, end: 9 }],
    ['bytes=-3', { start: 7, end: 9 }],
    ['bytes=-99', { start: 0, end: 9 }],
    ['bytes=8-99', { start: 8, end: 9 }],
    ['bytes=10-', 'none'],
    ['bytes=-0', 'none'],
    ['bytes=5-2', undefined],
    ['bytes=-', undefined],
    ['bytes=0-1,4-5', undefined],
    ['lines=0-1', undefined],
    ['bytes=99999999999999999999-', undefined],
  ])('%j of ten bytes', (header, range) => {
    expect(byteRange(header, 10)).toEqual(range);
  });
});
