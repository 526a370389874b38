import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pipeline } from 'node:stream/promises';
import type { PythonResults } from '../../test/subunit/comparable.ts';
import { pythonEnvironment } from '../python-environment.ts';

/** Folder of a virtual environment with python-subunit, testtools and os-testr. */
export function subunitEnvironment(): Promise<string> {
  return pythonEnvironment('subunit', join(import.meta.dirname, 'requirements.txt'));
}

/** What python-subunit reads in each stream, one after the other. */
export async function* askPython(streams: Iterable<Uint8Array>): AsyncGenerator<PythonResults> {
  const venv = await subunitEnvironment();
  const child = spawn(join(venv, 'bin/python'), [join(import.meta.dirname, 'reference.py')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout });
  // A program that died is told by its exit status.
  const written = pipeline(framed(streams), child.stdin).catch(() => {});
  for await (const line of lines) yield JSON.parse(line) as PythonResults;
  await written;
  if (child.exitCode === null) await once(child, 'exit');
  if (child.exitCode !== 0) throw new Error(`the reference ended with ${child.exitCode ?? child.signalCode}`);
}

async function* framed(streams: Iterable<Uint8Array>): AsyncGenerator<Buffer> {
  for (const stream of streams) {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(stream.length);
    yield Buffer.concat([length, stream]);
  }
}
