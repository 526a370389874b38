import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './gerrit/run-command.ts';

/** Folder of a virtual environment with these packages from PyPI, kept between runs; one works wherever it is mounted. */
export async function pythonEnvironment(name: string, requirements: string): Promise<string> {
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sidegate-lab', name);
  const venv = join(cache, `pypi-${hash}`);
  if (existsSync(venv)) return venv;
  await mkdir(cache, { recursive: true });
  const work = await mkdtemp(join(cache, 'making-'));
  try {
    await runCommand('/usr/bin/python3', ['-m', 'venv', work]);
    await runCommand(join(work, 'bin/pip'), ['install', '--quiet', '--disable-pip-version-check', '-r', requirements]);
    // The folder lets nobody else in, and Feilong does not run as root.
    await runCommand('chmod', ['-R', 'a+rX', work]);
    await rename(work, venv).catch((error: unknown) => {
      if (!existsSync(venv)) throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return venv;
}
