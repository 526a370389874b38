import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from '../gerrit/run-command.ts';

/** `debian` is what bookworm has, `pypi` the newest one. */
export const releases = { debian: '1.4.1', pypi: '1.6.3' } as const;

export type Release = keyof typeof releases;

interface Installation {
  /** Folder of a virtual environment; it is mounted at `/opt/feilong`. */
  readonly venv: string | undefined;
  readonly python: string;
  readonly sdkserver: string;
  readonly wsgi: string;
  /** What its user may run as root. */
  readonly sudoers: string;
}

export async function installationOf(release: Release): Promise<Installation> {
  const bin = release === 'debian' ? '/usr/bin' : '/opt/feilong/bin';
  const venv = release === 'debian' ? undefined : await installFromPypi();
  return {
    venv,
    python: `${bin}/python3`,
    sdkserver: `${bin}/sdkserver`,
    wsgi: `${bin}/zvmsdk-wsgi`,
    sudoers:
      venv === undefined
        ? '/etc/sudoers.d/sudoers-zvmsdk'
        : join(venv, 'lib/python3.11/site-packages/etc/sudoers.d/sudoers-zvmsdk'),
  };
}

/** A virtual environment, kept between runs; one works wherever it is mounted. */
async function installFromPypi(): Promise<string> {
  const requirements = join(import.meta.dirname, 'requirements.txt');
  const hash = createHash('sha256').update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'sidegate-lab', 'feilong');
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
