import { Refusal } from '../gerrit.ts';
import { gitText } from '../git/run.ts';
import type { RestCall } from './call.ts';
import { json } from './reply.ts';
import type { Reply } from './reply.ts';

const inherited = {
  id: 'All-Projects',
  name: 'All-Projects',
  description: 'Access inherited by all other projects.',
  state: 'ACTIVE',
};

function find({ gerrit, params: [name = ''] }: RestCall): string {
  if (!gerrit.repositories.has(name)) throw new Refusal(404, `Not found: ${name}`);
  return name;
}

function info(name: string) {
  return { id: encodeURIComponent(name), state: 'ACTIVE' };
}

export function listProjects({ gerrit, query }: RestCall): Reply {
  const prefix = query.get('p') ?? '';
  const own = ['All-Projects', 'All-Users', ...gerrit.repositories.names()].toSorted();
  return json(Object.fromEntries(own.filter((name) => name.startsWith(prefix)).map((name) => [name, info(name)])));
}

export function getProject(call: RestCall): Reply {
  const name = find(call);
  return json({ id: encodeURIComponent(name), name, parent: inherited.name, state: 'ACTIVE' });
}

export async function listBranches(call: RestCall): Promise<Reply> {
  const directory = call.gerrit.repositories.path(find(call));
  const head = await gitText(['symbolic-ref', '--short', 'HEAD'], { directory });
  const format = '--format=%(refname) %(objectname)';
  const lines = (await gitText(['for-each-ref', format, 'refs/heads/'], { directory })).split('\n');
  const branches = lines
    .filter((line) => line !== '')
    .map((line) => {
      const [ref, revision] = line.split(' ');
      return { ref, revision };
    });
  return json([{ ref: 'HEAD', revision: head }, ...branches]);
}

/** What an account sees that does not own the project: nothing of the rules. */
export async function getAccess(call: RestCall): Promise<Reply> {
  const directory = call.gerrit.repositories.path(find(call));
  const revision = await gitText(['rev-parse', 'HEAD'], { directory });
  return json({
    revision,
    inherits_from: inherited,
    local: { 'refs/heads/*': { permissions: {} } },
    owner_of: [],
    config_visible: false,
    groups: {},
    config_web_links: [],
  });
}
