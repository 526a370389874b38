import { SidegateError, errorText } from '../domain/errors.ts';

/** What happened and what to do, on standard error; a stack only for what is not in the catalogue. */
export function printError(error: unknown): void {
  if (!(error instanceof SidegateError)) {
    process.stderr.write(`sidegate: ${error instanceof Error && error.stack ? error.stack : errorText(error)}\n`);
    return;
  }
  process.stderr.write(`sidegate: ${error.message}\n  What to do: ${error.todo} (${error.code})\n`);
}
