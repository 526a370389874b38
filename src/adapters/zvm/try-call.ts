import { SidegateError, errorText } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';

/** A finding out of something that works or throws; `advice` is for what only the operator of z/VM can mend. */
export async function tryCall(what: string, look: () => Promise<string | void>, advice?: string): Promise<Finding> {
  try {
    return { ok: true, what, detail: (await look()) ?? '', todo: '' };
  } catch (error) {
    const known = error instanceof SidegateError;
    const todo = known ? error.todo : 'See the detail.';
    return { ok: false, what, detail: known ? error.detail : errorText(error), todo: advice ?? todo };
  }
}
