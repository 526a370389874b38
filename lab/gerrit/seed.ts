import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { accountNames, seededAccounts, seededProjects } from './accounts.ts';

const REGISTERED = 'global:Registered-Users';

interface Groups {
  readonly administrators: string;
  readonly thirdParty: string;
  readonly novaCi: string;
  readonly zuul: string;
}

/**
 * Accounts, groups, labels, permissions and projects in the manner of OpenStack's Gerrit: every third-party CI may hear and
 * comment, a project's own `-ci` group may vote.
 */
export async function seedGerrit(url: string, keys: string): Promise<void> {
  await request(url, 'POST', '/accounts/self/sshkeys', await readFile(join(keys, 'admin.pub'), 'utf8'));
  for (const name of accountNames) {
    if (name === 'admin') continue;
    const { fullName, password } = seededAccounts[name];
    const sshKey = await readFile(join(keys, `${name}.pub`), 'utf8');
    const account = { name: fullName, email: `${name}@example.com`, http_password: password, ssh_key: sshKey.trim() };
    await request(url, 'PUT', `/accounts/${name}`, account);
  }
  const groups: Groups = {
    administrators: await groupId(url, 'GET', 'Administrators'),
    thirdParty: await groupId(url, 'PUT', 'Third-Party CI', ['zvm-ci', 'nonevoter']),
    novaCi: await groupId(url, 'PUT', 'nova-ci', ['zvm-ci']),
    zuul: await groupId(url, 'PUT', 'Zuul', ['zuul']),
  };
  await seedLabels(url);
  await seedPermissions(url, groups);
  await seedProjects(url, groups);
}

async function groupId(url: string, method: 'GET' | 'PUT', name: string, members?: readonly string[]): Promise<string> {
  const group = await request(url, method, `/groups/${encodeURIComponent(name)}`, members && { members });
  return (group as { id: string }).id;
}

async function seedLabels(url: string): Promise<void> {
  await request(url, 'PUT', '/projects/All-Projects/labels/Verified', {
    values: { '-2': 'Fails', '-1': "Doesn't seem to work", '0': 'No score', '+1': 'Works for me', '+2': 'Verified' },
    function: 'NoBlock',
    default_value: 0,
    copy_condition: 'changekind:NO_CODE_CHANGE',
  });
  await request(url, 'PUT', '/projects/All-Projects/labels/Workflow', {
    values: { '-1': 'Work in progress', '0': 'Ready for reviews', '+1': 'Approved' },
    function: 'NoBlock',
  });
}

async function seedPermissions(url: string, groups: Groups): Promise<void> {
  const { administrators, thirdParty, zuul } = groups;
  await request(url, 'POST', '/projects/All-Projects/access', {
    add: {
      GLOBAL_CAPABILITIES: { permissions: { streamEvents: allow(thirdParty, zuul, administrators) } },
      'refs/heads/*': {
        permissions: {
          'label-Verified': vote('Verified', { [zuul]: 2, [administrators]: 2 }),
          'label-Code-Review': vote('Code-Review', { [administrators]: 2, [REGISTERED]: 1 }),
          'label-Workflow': vote('Workflow', { [administrators]: 1 }),
          submit: allow(zuul, administrators),
          abandon: allow(administrators),
          deleteChanges: allow(administrators),
          editHashtags: allow(REGISTERED),
          editTopicName: allow(REGISTERED),
          toggleWipState: allow(administrators),
        },
      },
    },
  });
}

async function seedProjects(url: string, groups: Groups): Promise<void> {
  for (const project of seededProjects) {
    const path = `/projects/${encodeURIComponent(project)}`;
    await request(url, 'PUT', path, {
      create_empty_commit: true,
      branches: ['master'],
      submit_type: 'MERGE_IF_NECESSARY',
    });
    const permissions = { 'label-Verified': vote('Verified', { [groups.novaCi]: 1 }) };
    await request(url, 'POST', `${path}/access`, { add: { 'refs/heads/*': { permissions } } });
  }
}

function allow(...groups: readonly string[]): object {
  return { rules: Object.fromEntries(groups.map((group) => [group, { action: 'ALLOW' }])) };
}

/** Each group may vote from minus to plus its number. */
function vote(label: string, ranges: Readonly<Record<string, number>>): object {
  const rules = Object.entries(ranges).map(([group, max]) => [group, { action: 'ALLOW', min: -max, max }]);
  return { label, rules: Object.fromEntries(rules) };
}

async function request(url: string, method: string, path: string, body?: object | string): Promise<unknown> {
  const headers: Record<string, string> = {
    authorization: `Basic ${Buffer.from(`admin:${seededAccounts.admin.password}`).toString('base64')}`,
    'content-type': typeof body === 'string' ? 'text/plain' : 'application/json',
  };
  const content = typeof body === 'object' ? JSON.stringify(body) : body;
  const answer = await fetch(`${url}/a${path}`, { method, headers, ...(content !== undefined && { body: content }) });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
  return text === '' ? undefined : JSON.parse(text.replace(/^\)\]\}'\n/, ''));
}
