import type { CloudAccess } from '../domain/cloud-access.ts';
import type { Configuration } from './configuration.ts';

/** The configuration as plain data that may be logged: secrets are `***`, scripts only their size. */
export function describeConfiguration(configuration: Configuration): object {
  const { settings, clouds, warnings: _warnings, ...rest } = configuration;
  const jobs = settings.jobs.map((job) => ({
    ...job,
    phases: job.phases.map((phase) => ({ name: phase.name, script: `${Buffer.byteLength(phase.script)} bytes` })),
  }));
  const plain = { ...rest, clouds: clouds.map(describeCloud), settings: { ...settings, jobs } };
  return JSON.parse(JSON.stringify(plain)) as object;
}

function describeCloud(cloud: CloudAccess): object {
  const hidden = '***';
  const { credential } = cloud;
  const shown =
    credential.kind === 'password' ? { ...credential, password: hidden } : { ...credential, secret: hidden };
  return { ...cloud, authUrl: withoutUser(cloud.authUrl), credential: shown };
}

function withoutUser(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href;
}
