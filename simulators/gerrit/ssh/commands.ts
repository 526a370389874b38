import { gerritVersion } from '../gerrit.ts';
import type { Gerrit } from '../gerrit.ts';
import { gson } from '../gson.ts';
import type { Account } from '../state/model.ts';
import { CommandFailed, fatal, parseOptions, splitCommandLine } from './command-line.ts';
import { queryCommand } from './query-command.ts';
import { reviewCommand } from './review-command.ts';

export interface CommandCall {
  readonly gerrit: Gerrit;
  readonly account: Account;
  readonly words: readonly string[];
  /** Reads standard input to its end, up to a limit. */
  readonly input: () => Promise<string>;
}

/** `stream` opens the event stream with these types; everything else is done when it returns. */
export type Outcome =
  | { readonly kind: 'done'; readonly output: string }
  | { readonly kind: 'stream'; readonly types: ReadonlySet<string> };

type Command = (call: CommandCall) => Outcome | Promise<Outcome>;

const commands: Readonly<Record<string, Command>> = {
  version,
  'ls-projects': listProjects,
  'stream-events': streamEvents,
  query: (call) => ({ kind: 'done', output: queryCommand(call) }),
  review: async (call) => {
    await reviewCommand(call);
    return { kind: 'done', output: '' };
  },
};

/** Throws CommandFailed with what goes to standard error. */
export async function runCommand(call: Omit<CommandCall, 'words'>, line: string): Promise<Outcome> {
  const [program = '', name, ...words] = splitCommandLine(line);
  if (program !== 'gerrit') throw fatal(`${program}: not found`);
  if (name === undefined) throw new CommandFailed(usage());
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw fatal(`gerrit: ${name}: not found`);
  return command({ ...call, words });
}

function usage(): string {
  const names = Object.keys(commands)
    .toSorted()
    .map((name) => `   ${name}\n`);
  return `Available commands of gerrit are:\n\n${names.join('')}\nSee 'gerrit COMMAND --help' for more information.\n`;
}

function version({ words }: CommandCall): Outcome {
  const { options } = parseOptions(words, {
    names: { '--json': 'json', '--verbose': 'verbose', '-v': 'verbose' },
    flags: new Set(['json', 'verbose']),
  });
  if (!options.has('json')) return { kind: 'done', output: `gerrit version ${gerritVersion}\n` };
  const versions = {
    gerrit_version: gerritVersion,
    note_db_version: 185,
    change_index_version: 87,
    account_index_version: 15,
    project_index_version: 10,
    group_index_version: 12,
  };
  return { kind: 'done', output: `${gson(versions, 2)}\n` };
}

function listProjects({ gerrit, words }: CommandCall): Outcome {
  const names = { '--format': 'format', '--prefix': 'prefix', '-p': 'prefix' };
  const { options } = parseOptions(words, { names, flags: new Set() });
  const prefix = options.get('prefix')?.at(-1) ?? '';
  const all = ['All-Projects', 'All-Users', ...gerrit.repositories.names()].toSorted();
  const found = all.filter((name) => name.startsWith(prefix));
  if (!options.get('format')?.at(-1)?.startsWith('json')) {
    return { kind: 'done', output: found.map((name) => `${name}\n`).join('') };
  }
  const infos = found.map((name) => [name, { id: encodeURIComponent(name), state: 'ACTIVE' }]);
  return { kind: 'done', output: `${gson(Object.fromEntries(infos), 2)}\n` };
}

function streamEvents({ account, words }: CommandCall): Outcome {
  if (!account.capabilities.streamEvents) throw new CommandFailed('stream events not permitted\n');
  const { options } = parseOptions(words, { names: { '-s': 'type', '--subscribe': 'type' }, flags: new Set() });
  return { kind: 'stream', types: new Set(options.get('type')) };
}
