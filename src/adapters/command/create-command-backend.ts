import type { CommandSettings } from '../../domain/settings.ts';
import type { SlotName } from '../../domain/slot.ts';
import type { Backend, BackendHealth, CleanRound, MadeInSlot, SlotHold } from '../../ports/backend.ts';
import { checkedSchema, cleanedSchema, parseAnswer, preparedSchema } from './answers.ts';
import { runCommand } from './run-command.ts';
import type { CommandRequest } from './run-command.ts';

export type CommandBackendOptions = Omit<CommandSettings, 'kind'> & { readonly name: string };

/** A check belongs to nobody; other back ends are looked at meanwhile or later. */
const maxCheck = 30_000;
/** Names told of what was found. */
const maxNames = 20;
/** What is not told must not limit: PostgreSQL's largest `integer`. */
const unlimited = 2_147_483_647;
const nothingMade: MadeInSlot = { guests: [], images: [] };

/** Whatever a pair of scripts prepares and cleans: an array, a switch, an LPAR. */
export function createCommandBackend(options: CommandBackendOptions): Backend {
  const { name, prepare, timeout } = options;
  return {
    name,
    checkHealth: () => check(options),
    prepareSlot: async ({ prefix, generation }, build, hold) => {
      const request = { ...requestOf(name, 'prepare'), slot: prefix, generation, build };
      const answer = await runCommand({ script: prepare, request, timeout, hold });
      return parseAnswer(preparedSchema, request, answer).variables;
    },
    cleanSlot: (slot, made, hold) => clean(options, slot, { made, hold }),
    // A command cannot look without removing.
    findStrays: async () => new Map(),
  };
}

async function clean(
  { name, clean: script, timeout }: CommandBackendOptions,
  { prefix }: SlotName,
  { made, hold }: { made: MadeInSlot; hold: SlotHold },
): Promise<CleanRound> {
  const request = { ...requestOf(name, 'clean'), slot: prefix, made };
  const answer = await runCommand({ script, request, timeout, hold });
  const { found, left } = parseAnswer(cleanedSchema, request, answer);
  return {
    // What is left is there, whether the script found it or not.
    found: shorten([...new Set([...found, ...left.map(({ what }) => what)])]),
    trouble: shorten(left.map(({ what, why }) => `${what}: ${why}`)).join('; '),
  };
}

async function check({ name, check: script, timeout }: CommandBackendOptions): Promise<BackendHealth> {
  if (script === undefined) return { text: 'taken to be well: it has no check', free: undefined };
  const request = requestOf(name, 'check');
  const hold = { renew: async () => true, signal: new AbortController().signal };
  const answer = await runCommand({ script, request, timeout: Math.min(timeout, maxCheck), hold });
  const { text, free } = parseAnswer(checkedSchema, request, answer);
  const isTold = free.memory !== undefined || free.disk !== undefined;
  return { text, free: isTold ? { memory: limited(free.memory), disk: limited(free.disk) } : undefined };
}

function requestOf(backend: string, action: CommandRequest['action']): CommandRequest {
  return { version: 1, action, backend, slot: null, generation: null, build: null, made: nothingMade };
}

function limited(room: number | undefined): number {
  return Math.min(room ?? unlimited, unlimited);
}

function shorten(names: readonly string[]): readonly string[] {
  if (names.length <= maxNames) return names;
  return [...names.slice(0, maxNames), `${names.length - maxNames} more`];
}
