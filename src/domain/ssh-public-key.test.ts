import { describe, expect, test } from 'vitest';
import { parseSshPublicKey } from './ssh-public-key.ts';

const ed25519 = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEZA60vjXW6hqnagv5JEwyRaxqLgNjg9DwC/Npm9+AJn';
const p256 =
  'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBO5gnl60erkgk8CWhFRTyxlCTDWmTjEopsmBXHPqYeE81WZgJPvxBpsOTWGrVZ1nocQm/feW/ZkqieNiflOBTEo=';
const p521 =
  'ecdsa-sha2-nistp521 AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAHTIzN+glrrCT9kpXKrdmDmq1lD4OyoWRaB0yuJW4ZRqR+x9TkDqY6aQB/K/EvtIJNfl/8FgIvswWQBxkteilm6wgE7VlzkdCy71b3jibOli6e2IRUPtAOHbysG2IKjrHJbNe6xBkTX1WzxtpAnLgCM6YoiPCgeHCOm3eHQWCyIG+cglA==';
const rsa2048 =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDjUf09ao9sA/BmjWsInVNpm1yb46TTOueRVdmyngul8H0nP0Lqacn1YN9RT5xe0QMRm6iRlmaGnE0jmL0Ce/MWBHhjoju8WG9fE5grVpNsxr2VXD3Ab3wGTxkayR2QFZEF3GCjjJBLAnKarVl6Pk7Un/A304R56KPrF8CrjhQMGMqQISL08ZsDyPlc5TNoZogHhqSQOl/bDgH1M4v5sujLKOOqQrNV/S9bdlTz6X1VyuqkpWwtbdNZaaZLd2SSNkR6c4MsUsEFAJjJCAsfE5Zgvkegqn3M1d6IldPGk/pOMyM9MnepUayJ7DgrU2xBI+aNndM34Vv1/VDjblFuifoZ';
const rsa1024 =
  'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDavVshamjT+Gwk3N7AmIrGzAg4BDFhTwDGsBTlYokJqxDW7hV90NGiVgZbsyryQ9OURX6uf+mg23hyuAap6NilLNwDpJHFOsQdA3HlBLnwVOGzKGLNkqi7vG05/+cZZBq3ueBgu1pWNJ1KuvaFZZkZfj8XSZ4XhHU9UOYcXowwKQ==';

describe('a public key', () => {
  test.each([ed25519, p256, p521, rsa2048])('%s is taken as it is', (key) => {
    expect(parseSshPublicKey(key)).toEqual({ line: key });
  });

  test('keeps its comment, in plain characters and not for ever', () => {
    const parsed = [
      parseSshPublicKey(`${ed25519} person@example \n`),
      parseSshPublicKey(`${ed25519}\tJörg's \u001b[31mkey\u202e`),
      parseSshPublicKey(`${ed25519} ${'x'.repeat(5000)}`),
    ];

    expect(parsed.map((key) => ('line' in key ? key.line.slice(ed25519.length) : key.problem))).toEqual([
      ' person@example',
      " J?rg's key",
      ` ${'x'.repeat(99)}?`,
    ]);
  });
});

describe('refused is', () => {
  const begin = /^must begin with one of ssh-ed25519, .*; options and certificates are refused$/;
  test.each([
    ['nothing', ' \n', /^is empty$/],
    ['a second line', `${ed25519}\n${p256}`, /^has more than one line$/],
    ['a line break of old Macs', `${ed25519}\rcommand`, /^has more than one line$/],
    ['a NUL', `${ed25519} a\0b`, /^has more than one line$/],
    ['an option', `command="rm -rf /" ${ed25519}`, begin],
    ['several options', `no-pty,from="*" ${ed25519}`, begin],
    ['a certificate authority', `cert-authority ${ed25519}`, begin],
    ['a certificate', 'ssh-ed25519-cert-v01@openssh.com AAAA', begin],
    ['DSA', 'ssh-dss AAAAB3NzaC1kc3MAAACBAP', begin],
    ['a name every object has', 'constructor AAAA', begin],
    ['a private key', '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA', /^is a private key/],
    ['something endless', `${ed25519} ${'x'.repeat(10_000)}`, /^is longer than/],
    [
      'a key of another type',
      ed25519.replace('ssh-ed25519', 'ssh-rsa'),
      /^is no whole ssh-rsa key of at least 2048 bits$/,
    ],
    ['half a key', ed25519.slice(0, -8), /^is no whole/],
    ['a key with more behind it', `${ed25519}AAAA`, /^is no whole/],
    ['what is no base64', `ssh-ed25519 $(reboot)`, /^is no whole/],
    ['a length that lies', 'ssh-ed25519 /////w==', /^is no whole/],
    ['a type without a key', 'ssh-ed25519', /^is no whole/],
    ['RSA that is too short', rsa1024, /2048 bits$/],
  ])('%s', (_, text, problem) => {
    expect(parseSshPublicKey(text)).toEqual({ problem: expect.stringMatching(problem) });
  });
});
