import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { isLab } from './stage.ts';

const run = promisify(execFile);
const script = join(import.meta.dirname, '../../jobs/zvm-devstack-tempest/local-conf.sh');

/** Whose options a part of local.conf holds. */
const owners: Readonly<Record<string, string>> = {
  'post-config|$NOVA_CONF': 'nova.conf.opts:list_opts',
  'post-config|$NEUTRON_CONF': 'neutron.opts:list_opts',
  'post-config|/$Q_PLUGIN_CONF_FILE': 'neutron.opts:list_ml2_conf_opts',
  'test-config|$TEMPEST_CONFIG': 'tempest.config:list_opts',
};

const listOptions = `
import importlib, json, sys
found = {}
for owner in sys.argv[1:]:
    module, function = owner.split(':')
    for group, options in getattr(importlib.import_module(module), function)():
        name = getattr(group, 'name', group) or 'DEFAULT'
        found.setdefault(owner, []).extend(name + '.' + option.dest for option in options)
print(json.dumps(found))
`;

test.skipIf(!isLab)('every option that the shipped job sets is one of the real nova, neutron and tempest', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'local-conf-'));
  const stack = join(folder, 'stack');
  await mkdir(join(stack, 'devstack'), { recursive: true });
  const env = {
    PATH: process.env['PATH'] ?? '',
    STACK_FOLDER: stack,
    SIDEGATE_ARTIFACTS: join(folder, 'artifacts'),
    SIDEGATE_FEILONG_URL: 'http://127.0.0.1:8080',
    SIDEGATE_INSTANCE_NAME_TEMPLATE: 'za0%05x',
    SIDEGATE_BASE_MAC: '02:00:00:a1:00:00',
    SIDEGATE_VLANS: '100:109',
  };
  await run('bash', [script], { cwd: folder, env });
  const text = await readFile(join(stack, 'devstack/local.conf'), 'utf8');
  const set = optionsOf(text);

  const { stdout } = await run('/usr/bin/python3', ['-c', listOptions, ...Object.values(owners)], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const known = JSON.parse(stdout) as Readonly<Record<string, readonly string[]>>;

  expect(text).toContain('\nHOST_IP=127.0.0.1\n');
  expect(set.length).toBeGreaterThan(15);
  expect(set.filter(({ option, part }) => !known[owners[part] ?? '']?.includes(option))).toEqual([]);
  await rm(folder, { recursive: true });
});

/** `SECTION.OPTION` of each part but devstack's own. */
function optionsOf(text: string): readonly { readonly part: string; readonly option: string }[] {
  const options: { part: string; option: string }[] = [];
  let part = '';
  let section = '';
  for (const line of text.split('\n')) {
    const [, newPart] = /^\[\[(.*)\]\]$/.exec(line) ?? [];
    const [, newSection] = /^\[([^[\]]+)\]$/.exec(line) ?? [];
    if (newPart !== undefined) part = newPart;
    if (newSection !== undefined) section = newSection;
    const [, name] = /^([a-z_]+)=/.exec(line) ?? [];
    if (name !== undefined && part !== 'local|localrc') options.push({ part, option: `${section}.${name}` });
  }
  return options;
}
