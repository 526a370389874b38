import { spawn } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';

const OUTPUT_LIMIT = 256 * 1024;

/** Runs a program and gives its standard output and error; throws with the end of both when it fails. */
export function runCommand(program: string, args: readonly string[], options: SpawnOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: Buffer) => {
      output = (output + chunk.toString('utf8')).slice(-OUTPUT_LIMIT);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    child.once('error', (error) =>
      reject(new Error(`${program} cannot be started: ${error.message}`, { cause: error })),
    );
    child.once('close', (status, signal) => {
      if (status === 0) return resolve(output);
      reject(new Error(`${program} ${args[0] ?? ''} failed (${signal ?? `status ${status}`}): ${output.slice(-4000)}`));
    });
  });
}
