import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parseNetwork } from './networks.ts';
import { patternProblem } from './pattern.ts';
import type { Hidden } from './rule.ts';
import { createScrubLines } from './scrubber.ts';
import type { ScrubRuleSettings } from './scrubber.ts';

const letters = 'bcdfghjk'.repeat(8);
/** A placeholder tells the identity, so that tests see what counts as the same. */
const digest = (identity: string) => (identity.length % 2 === 0 ? letters : letters.slice(1));

function scrub(text: string, parts: { secrets?: string[]; rules?: ScrubRuleSettings[]; without?: string[] } = {}) {
  const hidden: Hidden = new Map();
  const lines = createScrubLines(
    { without: parts.without ?? [], rules: parts.rules ?? [] },
    parts.secrets ?? [],
    digest,
  );
  return { text: lines(text, hidden), hidden: Object.fromEntries(hidden) };
}

const lab = (own: Partial<ScrubRuleSettings>): ScrubRuleSettings => ({
  name: 'lab',
  strings: [],
  patterns: [],
  networks: [],
  replace: true,
  ...own,
});

describe('shipped rules hide', () => {
  test.each([
    ['ADMIN_PASSWORD=nomoresecret', 'ADMIN_PASSWORD=************'],
    ['password = abc def', 'password = *** def'],
    [`'adminPass': 'x1y2', 'a': 1`, `'adminPass': '****', 'a': 1`],
    [String.raw`{\"password\": \"abc\"}`, String.raw`{\"password\": \"***\"}`],
    ['"secret": "4f", "access": "353d"', '"secret": "**", "access": "353d"'],
    ['token: 353daf1a8c7a', 'token: ************'],
    ['openstack --os-password hunter2 server list', 'openstack --os-password ******* server list'],
    ['<adminPass>x1y2</adminPass>', '<adminPass>****</adminPass>'],
    [
      '\u001b[01;35mpassword\u001b[0m = \u001b[1mabc\u001b[0m',
      '\u001b[01;35mpassword\u001b[0m = \u001b[1m***\u001b[0m',
    ],
    ['mysql -uroot -psecretmysql -h127.0.0.1', 'mysql -uroot -p*********** -h127.0.0.1'],
    ['curl -s -u admin:pw1 http://x', 'curl -s -u admin:*** http://x'],
    ['connection = mysql+pymysql://root:pw1@127.0.0.1/nova', 'connection = mysql+pymysql://root:***@127.0.0.1/nova'],
    ['rabbit://a:pw1@h1:5672,b:pw22@h2:5672//', 'rabbit://a:***@h1:5672,b:****@h2:5672//'],
    ['Authorization: Basic YWRtaW46cHc=', 'Authorization: Basic ************'],
    [`"X-Auth-Token: abc.def-1"`, `"X-Auth-Token: *********"`],
    [`'X-Subject-Token': 'gAAAAABk'`, `'X-Subject-Token': '********'`],
    [`x gAAAAAB${'k'.repeat(60)}== y`, `x ${'*'.repeat(69)} y`],
    ['root:$6$abcdefgh$0123456789abcdef:19', `root:${'*'.repeat(28)}:19`],
  ])('%s', (text, expected) => {
    expect(scrub(text).text).toBe(expected);
  });

  test('a private key, also behind the times of a log, and tell that it was one', () => {
    const text = [
      '2026-11-27 10:00:00.123 | -----BEGIN OPENSSH PRIVATE KEY-----',
      '2026-11-27 10:00:00.124 | b3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQAAAAAAAAABAAAAMwAAAAtz',
      '2026-11-27 10:00:00.125 | QQ==',
      '2026-11-27 10:00:00.126 | -----END OPENSSH PRIVATE KEY-----',
      '',
    ].join('\n');

    const { text: scrubbed, hidden } = scrub(text);

    expect(scrubbed.split('\n')).toEqual([
      '2026-11-27 10:00:00.123 | -----BEGIN OPENSSH PRIVATE KEY-----',
      `2026-11-27 10:00:00.124 | ${'*'.repeat(64)}`,
      '2026-11-27 10:00:00.125 | ****',
      '2026-11-27 10:00:00.126 | -----END OPENSSH PRIVATE KEY-----',
      '',
    ]);
    expect(hidden).toEqual({ 'private-key': 2 });
  });

  test('a private key in one line of JSON', () => {
    const { text } = scrub(
      String.raw`"k": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0\nAb=\n-----END PRIVATE KEY-----\n"`,
    );

    expect(text).toBe(
      String.raw`"k": "-----BEGIN PRIVATE KEY-----\n***********************\n***\n-----END PRIVATE KEY-----\n"`,
    );
  });
});

test.each([
  'password = None',
  'auth_token=$TOKEN',
  'Changing password for user zuul.',
  'tempest.api.identity.v3.test_tokens.TokensV3Test.test_create_token ... ok',
  "'X-Auth-Token': '<omitted>'",
  'X-Auth-Token: {SHA256}0f1e2d3c',
  'passed: 69, failed: 4',
  'token_expiration = 3600',
  'https://review.opendev.org/c/openstack/nova/+/12345?tab=comments@x',
  '-----BEGIN CERTIFICATE-----\nMIIEvQIBADANBgkqhkiG9w0MIIEvQIBADANBgkqhkiG9w0\n-----END CERTIFICATE-----',
  'grep -r "-----BEGIN RSA PRIVATE KEY-----" . # found nothing',
])('nothing is hidden in %s', (text) => {
  expect(scrub(text)).toEqual({ text, hidden: {} });
});

describe('a known secret', () => {
  test.each([
    ['as it is', 'x hunter2! y', 'x ******** y'],
    ['in an address', 'http://h/?p=hunter2%20!&q', 'http://h/?p=***********&q'],
    ['in Base64', `x ${btoa('hunter2!')}`, 'x ***********='],
  ])('is hidden %s', (_what, text, expected) => {
    expect(scrub(text, { secrets: ['hunter2!', 'hunter2 !'] }).text).toBe(expected);
  });

  test('of many lines is hidden line by line, beyond ASCII too', () => {
    const { text } = scrub(Buffer.from('a geheimnisträger b\nzweite Zeile\n').toString('latin1'), {
      secrets: ['geheimnisträger\nzweite Zeile\n'],
    });

    expect(text).toBe(`a ${'*'.repeat(16)} b\n${'*'.repeat(12)}\n`);
  });

  test('is hidden where rules are turned off', () => {
    expect(scrub('password=correct-horse', { secrets: ['correct-horse'], without: ['password'] }).text).toBe(
      'password=*************',
    );
  });
});

describe('the lab', () => {
  const networks = ['10.20.0.0/16', '2001:db8::/32'].map((text) => parseNetwork(text)!);

  test('has the same placeholder for the same address, however it is written, and of its length', () => {
    const { text } = scrub('10.20.3.4 10-20-3-4 10.21.3.4 2001:db8::17: 2001:0db8:0:0::0017 1.10.20.3.4', {
      rules: [lab({ networks })],
    });
    const [first = '', second, other, third = '', fourth = '', version] = text.split(' ');

    expect(first).toMatch(/^~[b-z2-9]{7}~$/);
    expect(second).toBe(first);
    expect(other).toBe('10.21.3.4');
    expect(third).toMatch(/^~[b-z2-9]{10}~:$/);
    expect(fourth.slice(0, 11)).toBe(third.slice(0, 11));
    expect(version).toBe('1.10.20.3.4');
  });

  test('is hidden by stars where it is wanted so', () => {
    const rule = lab({ strings: ['lpar7'], patterns: ['rack\\d+'], replace: false });

    expect(scrub('lpar7 rack12', { rules: [rule] })).toEqual({ text: '***** ******', hidden: { lab: 2 } });
  });
});

describe('a pattern of the configuration', () => {
  test.each(['(a+)+', '(a|b*)*c', '(x{1,9}y){2,}', '(a)\\1', 'ä', '(', 'a*'])('%s is refused', (source) => {
    expect(patternProblem(source)).toBeDefined();
  });

  test.each(['rack\\d+', '(?:lab|test)-[a-z0-9]+\\.example', 'a{2,5}', '\\(x+\\)+'])('%s is taken', (source) => {
    expect(patternProblem(source)).toBeUndefined();
  });
});

test('a real console is changed only where it has secrets', async () => {
  const file = new URL('../../../test/fixtures/subunit/tempest-run1.subunit', import.meta.url);
  const text = await readFile(file, 'latin1');

  const { hidden } = scrub(text);

  expect(Object.keys(hidden).toSorted()).toEqual(['password']);
});
