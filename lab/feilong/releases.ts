import { join } from 'node:path';
import { pythonEnvironment } from '../python-environment.ts';

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
  const venv =
    release === 'debian'
      ? undefined
      : await pythonEnvironment('feilong', join(import.meta.dirname, 'requirements.txt'));
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
