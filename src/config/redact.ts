import type { CloudAccess } from '../domain/cloud-access.ts';
import type { ServerLabel } from '../domain/settings.ts';
import type { Configuration, UploadAccess } from './configuration.ts';

/** The configuration as plain data that may be logged: secrets are `***`, scripts only their size. */
export function describeConfiguration(configuration: Configuration): object {
  const { settings, clouds, logs, warnings: _warnings, ...rest } = configuration;
  const described = {
    ...settings,
    labels: settings.labels.map(describeLabel),
    racks: settings.racks.map((rack) => ({ ...rack, reset: sizeOf(rack.reset) })),
    jobs: settings.jobs.map((job) => ({
      ...job,
      phases: job.phases.map((phase) => ({ ...phase, script: sizeOf(phase.script) })),
    })),
  };
  const plain = {
    ...rest,
    logs: { ...logs, upload: describeUpload(logs.upload) },
    clouds: clouds.map(describeCloud),
    settings: described,
  };
  return JSON.parse(JSON.stringify(plain)) as object;
}

function describeUpload(upload: UploadAccess | undefined): object | undefined {
  return upload?.kind === 'swift' ? { ...upload, cloud: describeCloud(upload.cloud) } : upload;
}

function describeLabel(label: ServerLabel): object {
  const { imageBuild } = label;
  return {
    ...label,
    places: label.places.map((place) =>
      place.kind === 'openstack' && place.userData !== undefined
        ? { ...place, userData: sizeOf(place.userData) }
        : place,
    ),
    imageBuild: imageBuild && {
      ...imageBuild,
      prepare: sizeOf(imageBuild.prepare),
      smoke: sizeOf(imageBuild.smoke),
    },
  };
}

function sizeOf(text: string): string {
  return `${Buffer.byteLength(text)} bytes`;
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
