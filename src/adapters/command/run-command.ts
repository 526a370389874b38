import { SidegateError } from '../../domain/errors.ts';
import { oneLine } from '../../domain/sanitize.ts';
import type { MadeInSlot, SlotHold } from '../../ports/backend.ts';
import { slotClaimTime } from '../../ports/slot-store.ts';
import { holdScript } from '../../shared/hold-script.ts';
import { startScript } from '../../shared/run-script.ts';

/** What a script reads: version 1 of the contract, docs/command-backends.md. The keys are always these, in this order. */
export interface CommandRequest {
  readonly version: 1;
  readonly action: 'prepare' | 'clean' | 'check';
  readonly backend: string;
  readonly slot: string | null;
  readonly generation: number | null;
  readonly build: string | null;
  readonly made: MadeInSlot;
}

export interface Command {
  readonly script: string;
  readonly request: CommandRequest;
  readonly timeout: number;
  readonly hold: SlotHold;
}

/** Bytes of standard output. */
const maxAnswer = 1024 * 1024;
const maxQuoted = 200;

/** Runs a script of the back end. Answers the JSON document in its last line of output; throws `command-failed`. */
export async function runCommand({ script, request, timeout, hold }: Command): Promise<unknown> {
  const run = startScript({
    script,
    // One line without blanks: a script in plain bash reads it with a pattern.
    input: `${JSON.stringify(request)}\n`,
    environment: {},
    timeout,
    holdTime: slotClaimTime / 2,
    maxAnswer,
  });
  const end = await holdScript(run, { renew: () => hold.renew(), pause: slotClaimTime / 6, signal: hold.signal });
  if (!end.ok) throw commandFailed(request, end.trouble);
  const line = end.answer.trimEnd().split('\n').at(-1) ?? '';
  if (line === '') throw commandFailed(request, 'it answered nothing');
  try {
    return JSON.parse(line) as unknown;
  } catch {
    throw commandFailed(request, `its last line of output is no JSON: ${oneLine(line, maxQuoted)}`);
  }
}

export function commandFailed({ backend, action, slot }: CommandRequest, what: string): SidegateError {
  return new SidegateError('command-failed', `${backend}: ${action}${slot === null ? '' : ` of ${slot}`}: ${what}`);
}
