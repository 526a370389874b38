import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { minimalWith, problemsIn } from './testing/load.ts';
import { createWorkspace, hostKey, minimal, privateKey } from './testing/workspace.ts';
import type { Workspace } from './testing/workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await createWorkspace();
});
afterAll(() => workspace[Symbol.asyncDispose]());

const problemsOf = (text: string, env: Readonly<Record<string, string>> = {}) => problemsIn(workspace, text, env);

describe('one mistake is told with its place and what to do', () => {
  test.each<[string, string, string, string]>([
    ['an unknown key', 'contact:', 'contakt:', 'sidegate.yaml:2:1: error: contakt: unknown key. Did you mean contact?'],
    [
      'an unknown key deep inside',
      'image: ubuntu',
      'image: ubuntu, flavour: x',
      'labels[0].flavour: unknown key. Did you mean flavor?',
    ],
    ['a missing key', 'contact: zvm-ci@example.com\n', '', 'error: contact: is missing. It is: e-mail address'],
    ['a wrong type', 'flavor: large', 'flavor: 8', 'sidegate.yaml:14:54: error: labels[0].flavor: must be text, is 8.'],
    ['a list that is none', 'networks: [lan]', 'networks: lan', 'labels[0].networks: must be a list, is another text.'],
    ['an empty list', 'networks: [lan]', 'networks: []', 'labels[0].networks: is empty.'],
    ['an empty value', 'flavor: large', 'flavor: ', 'labels[0].flavor: must be text, is empty.'],
    ['a CI name without CI', 'Example z/VM CI', 'Example z/VM', 'name: must end with " CI"'],
    ['a CI name like Zuul', 'Example z/VM CI', 'Zuul z/VM CI', 'name: must not start with Zuul'],
    [
      'a pipeline name with a dash',
      'name: check,',
      'name: check-zvm,',
      'pipelines[0].name: must consist of letters, digits and `_`',
    ],
    [
      'a duration without a unit',
      'label: devstack\n',
      'label: devstack\n    timeout: "90"\n',
      'jobs[0].timeout: must be a number with a unit',
    ],
    [
      'a duration out of bounds',
      'label: devstack\n',
      'label: devstack\n    timeout: 2d\n',
      'jobs[0].timeout: must be between 10s and 24h',
    ],
    [
      'a size without a unit',
      'web:',
      'limits: {console: "5"}\nweb:',
      'limits.console: must be a number with a unit: B, KiB',
    ],
    [
      'a password in the file',
      '{file: ./gerrit-password}',
      'hunter2',
      'gerrit[0].password: must not be written here. It is: HTTP password',
    ],
    ['a secret in a missing file', './gerrit-password', './nowhere', 'gerrit[0].password.file: '],
    ['a secret in a missing variable', '{file: ./gerrit-password}', '{env: NOWHERE}', 'NOWHERE is not set'],
    ['a host key that is none', hostKey, 'ssh-ed25519 AAAAB3NzaC1yc2E=', 'gerrit[0].host_key: must be `TYPE BASE64`'],
    ['a missing private key', './id_ed25519', './nokey', 'gerrit[0].private_key: '],
    ['a private key that is none', './id_ed25519', './gerrit-password', 'is no private key in PEM or OpenSSH form'],
    [
      'an address that is none',
      'https://ci.example.com',
      'ci.example.com',
      'web.public_url: must be an address such as',
    ],
    [
      'an address with a password',
      'http://feilong:8080',
      'http://u:hunter2@feilong:8080',
      'backends[0].url: must not hold user and password',
    ],
    ['a listen address that is none', 'web: {', 'web: {listen: "8000", ', 'web.listen: must be HOST:PORT'],
    ['a phase without a script', 'run: echo hello', '', 'jobs[0].phases[0]: needs either `run` or `script`'],
    [
      'a phase with two scripts',
      'run: echo hello',
      'run: x, script: y',
      'jobs[0].phases[0]: needs either `run` or `script`',
    ],
    ['a script that is missing', 'run: echo hello', 'script: ./no.sh', 'jobs[0].phases[0].script: '],
    [
      'a lower-case prefix',
      'prefix: ZA0',
      'prefix: za0',
      'backends[0].slots[0].prefix: must be 2 or 3 upper-case letters',
    ],
    ['a vote out of range', 'success: 1', 'success: 3', 'pipelines[0].vote.success: must be at most 2.'],
    ['a positive failure', 'failure: -1', 'failure: 1', 'pipelines[0].vote.failure: must be at most 0.'],
    [
      'a preset of files that is misspelt',
      'project: openstack/nova',
      'project: openstack/nova, skip_when_only: [docs, doc]',
      'projects[0].skip_when_only[1]: is no preset',
    ],
    ['a vote of nothing', 'success: 1, failure: -1', 'success: 0, failure: 0', 'pipelines[0].vote: has only zeros'],
    [
      'a label name with blanks',
      'label: Verified',
      'label: Very fied',
      'pipelines[0].vote.label: must be the name of a Gerrit label',
    ],
    [
      'an unknown trigger',
      '[patchset-created, recheck]',
      '[patchset-craeted]',
      'pipelines[0].triggers[0]: must be patchset-created, recheck',
    ],
    [
      'a time that never comes',
      '[patchset-created, recheck]',
      "[{periodic: '0 0 31 2 *'}]",
      'pipelines[0].triggers[0].periodic: never comes',
    ],
    [
      'a time that is none',
      '[patchset-created, recheck]',
      '[{periodic: daily}]',
      'pipelines[0].triggers[0].periodic: must be minute, hour',
    ],
    [
      'a recheck name people use otherwise',
      '[patchset-created, recheck]',
      '[{recheck: [bug]}]',
      'pipelines[0].triggers[0].recheck[0]: is taken: people write',
    ],
    [
      'a number as variable',
      'label: devstack\n',
      'label: devstack\n    environment: {V: 3.10}\n',
      'environment.V: must be text: put it in quotes',
    ],
    [
      'a reserved variable',
      'label: devstack\n',
      'label: devstack\n    environment: {SIDEGATE_REF: x}\n',
      'not of one sidegate sets',
    ],
    [
      'a result file outside',
      'label: devstack\n',
      'label: devstack\n    test_results: a/../../b\n',
      'must be a path inside the artifact folder',
    ],
    [
      'a second run without a first',
      'label: devstack\n',
      'label: devstack\n    test_results_again: again.subunit\n',
      'test_results_again: says nothing without `test_results`.',
    ],
    [
      'a selection that is the result file',
      'label: devstack\n',
      'label: devstack\n    test_results: a.subunit\n    test_selection: a.subunit\n',
      'test_selection: is the file of `test_results`.',
    ],
    [
      'a log level that is none',
      'web:',
      'log_level: verbose\nweb:',
      'log_level: must be one of error, warn, info, debug',
    ],
    ['a duplicate key', 'contact:', 'name: Other CI\ncontact:', 'sidegate.yaml:2:1: error: Map keys must be unique'],
    ['broken YAML', 'labels:', 'labels: [', 'sidegate.yaml:'],
    ['a tag', 'contact: zvm', 'contact: !secret zvm', 'Unresolved tag: !secret'],
    ['a second document', 'labels:', '---\nlabels:', 'multiple documents'],
  ])('%s', async (_name, part, replacement, expected) => {
    const problems = await problemsOf(minimalWith(part, replacement));

    expect(problems.join('\n')).toContain(expected);
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  test('a key with a passphrase', async () => {
    await workspace.write('locked', privateKey('hunter2'));

    expect((await problemsOf(minimalWith('./id_ed25519', './locked'))).join()).toContain(
      'is protected by a passphrase.',
    );
  });

  test('a script with Windows line ends', async () => {
    await workspace.write('dos.sh', 'echo\r\n');

    expect((await problemsOf(minimalWith('run: echo hello', 'script: ./dos.sh'))).join()).toContain(
      'Windows line ends',
    );
  });

  test('a script larger than 1 MiB', async () => {
    await workspace.write('big.sh', 'x'.repeat(1024 * 1024 + 1));

    expect((await problemsOf(minimalWith('run: echo hello', 'script: ./big.sh'))).join()).toContain(
      'larger than 1 MiB',
    );
  });

  test('a database that is none', async () => {
    expect((await problemsOf(minimal, { DATABASE_URL: 'mysql://x:hunter2@y' })).join()).toBe(
      'sidegate.yaml:1:1: error: state.database_url: the environment variable DATABASE_URL does not start with postgresql://.',
    );
  });
});
