import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Installation } from './daemon.ts';
import type { Java } from './java.ts';
import { runCommand } from './run-command.ts';

export interface Ports {
  readonly http: number;
  readonly ssh: number;
}

/** Makes an empty site. The configuration is written first so that init never picks addresses other hosts can reach. */
export async function initSite(installation: Installation, java: Java, war: string): Promise<void> {
  await mkdir(join(installation.site, 'etc'), { recursive: true });
  await configure(installation, {
    'gerrit.basePath': 'git',
    'gerrit.serverId': '11111111-2222-3333-4444-555555555555',
    'auth.type': 'DEVELOPMENT_BECOME_ANY_ACCOUNT',
    'auth.gitBasicAuthPolicy': 'HTTP',
    'sendemail.enable': 'false',
    'receive.enableSignedPush': 'false',
    'cache.directory': 'cache',
    'index.type': 'lucene',
    'container.heapLimit': '512m',
    'plugins.allowRemoteAdmin': 'true',
    'user.name': 'Gerrit Code Review',
    'user.email': 'gerrit@localhost',
  });
  await configurePorts(installation, { http: 8080, ssh: 29418 });
  const temporary = join(installation.root, 'tmp');
  await mkdir(temporary, { recursive: true });
  await runCommand(
    join(java.home, 'bin/java'),
    ['-Xmx512m', '-jar', war, 'init', '--batch', '--dev', '-d', installation.site, '--no-auto-start', '--skip-plugins'],
    { env: { ...process.env, GERRIT_TMP: temporary, JAVA_HOME: java.home } },
  );
  // A copy of the war, 90 MiB; the daemon is started from the cached one.
  await rm(join(installation.site, 'bin/gerrit.war'), { force: true });
}

export async function configurePorts(installation: Installation, ports: Ports): Promise<void> {
  await configure(installation, {
    'gerrit.canonicalWebUrl': `http://127.0.0.1:${ports.http}/`,
    'httpd.listenUrl': `http://127.0.0.1:${ports.http}/`,
    'sshd.listenAddress': `127.0.0.1:${ports.ssh}`,
    'sshd.advertisedAddress': `127.0.0.1:${ports.ssh}`,
  });
}

/** `default` keeps Gerrit's five minutes: after a SIGKILL, queries then miss what was written before. */
export async function configureIndexCommit(installation: Installation, interval: string): Promise<void> {
  if (interval === 'default') return;
  await configure(installation, {
    'index.changes_open.commitWithin': interval,
    'index.changes_closed.commitWithin': interval,
  });
}

async function configure(installation: Installation, values: Readonly<Record<string, string>>): Promise<void> {
  const file = join(installation.site, 'etc/gerrit.config');
  for (const [key, value] of Object.entries(values)) await runCommand('git', ['config', '--file', file, key, value]);
}
