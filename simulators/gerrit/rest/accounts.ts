import { createHash } from 'node:crypto';
import { Refusal } from '../gerrit.ts';
import { queryLimit } from '../query/run.ts';
import { restTime } from '../query/times.ts';
import type { Account } from '../state/model.ts';
import type { RestCall } from './call.ts';
import { requireViewer } from './call.ts';
import { json } from './reply.ts';
import type { Reply } from './reply.ts';

export function accountInfo({ id, name, email, username }: Account, detailed: boolean) {
  return detailed ? { _account_id: id, name, email, username } : { _account_id: id };
}

function find({ gerrit, viewer, params: [name = ''] }: RestCall): Account {
  const self = requireViewer(viewer);
  const found = gerrit.accounts.resolve(name, self);
  if (found === undefined) throw new Refusal(404, `Account '${name}' not found`);
  return found;
}

export function getAccount(call: RestCall): Reply {
  return json(accountInfo(find(call), true));
}

export function getAccountDetail(call: RestCall): Reply {
  const { id, name, email, username, registeredAt } = find(call);
  const registered_on = restTime(registeredAt);
  return json({ registered_on, _account_id: id, name, email, secondary_emails: [], username });
}

/** Capabilities an account has not are left out, not false. */
export function getCapabilities(call: RestCall): Reply {
  const { capabilities } = find(call);
  const all = {
    ...(capabilities.administrate ? { administrateServer: true } : {}),
    ...(capabilities.streamEvents ? { streamEvents: true } : {}),
    emailReviewers: true,
    queryLimit: { min: 0, max: queryLimit },
  };
  const wanted = call.query.getAll('q');
  if (wanted.length === 0) return json(all);
  return json(Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name))));
}

/** Everybody's first, then the account's own. */
export function getGroups(call: RestCall): Reply {
  const { groups, registeredAt } = find(call);
  const everybody = ['Anonymous Users', 'Registered Users'].map((name) => ({
    options: {},
    id: `global%3A${name.replace(' ', '-')}`,
    name,
  }));
  const own = groups.map((name, index) => {
    const id = createHash('sha1').update(name).digest('hex');
    return {
      url: `#/admin/groups/uuid-${id}`,
      options: {},
      group_id: index + 1,
      owner: name,
      owner_id: id,
      created_on: restTime(registeredAt),
      id,
      name,
    };
  });
  return json([...everybody, ...own]);
}

/** `POST /accounts/self/sshkeys`, the key as plain text. */
export async function addSshKey(call: RestCall): Promise<Reply> {
  const account = find(call);
  const key = (await call.body()).toString('utf8').trim();
  if (!call.gerrit.accounts.addSshKey(account.username, key)) throw new Refusal(400, 'Invalid SSH Key');
  const [algorithm = '', encoded = '', comment = ''] = key.split(' ');
  const seq = call.gerrit.accounts.byId(account.id).sshKeys.length;
  return json({ seq, ssh_public_key: key, encoded_key: encoded, algorithm, comment, valid: true }, 201);
}
