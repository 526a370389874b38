import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { errorText } from '../domain/errors.ts';
import type { Finding } from '../domain/finding.ts';
import { oneLine } from '../domain/sanitize.ts';
import { plainEnvironment } from './run-script.ts';

const patience = 10_000;
const maxOutput = 2000;

/** For `sidegate doctor`: whether bash can read the script. Nothing of it is run. */
export async function checkSyntax(what: string, script: string): Promise<Finding> {
  const detail = await syntaxErrors(script);
  if (detail === '') return { ok: true, what, detail: '', todo: '' };
  return { ok: false, what, detail, todo: 'Mend the script; `bash -n` tells more.' };
}

/** What bash does not understand; empty: nothing. */
async function syntaxErrors(script: string): Promise<string> {
  const child = spawn('bash', ['-n'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    timeout: patience,
    env: plainEnvironment(),
  });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString('utf8')).slice(0, maxOutput);
  });
  // bash stops to read at the first error.
  child.stdin.on('error', () => {});
  child.stdin.end(script);
  try {
    const [status, signal] = (await once(child, 'close')) as [number | null, string | null];
    if (status === 0) return '';
    return oneLine(output, maxOutput) || `bash ended with ${signal ?? status}`;
  } catch (error) {
    return `bash could not be started: ${errorText(error)}`;
  }
}
