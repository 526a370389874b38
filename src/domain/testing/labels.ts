import type { CloudPlace, ServerLabel } from '../settings.ts';

/** For tests: a label with one ordinary place. */
export const plainPlace: CloudPlace = {
  kind: 'openstack',
  cloud: 'ci',
  image: 'image',
  flavor: 'flavor',
  networks: ['lan'],
  securityGroups: [],
  availabilityZones: [],
  floatingNetwork: undefined,
  userData: undefined,
  configDrive: false,
  volume: undefined,
  metadata: {},
};

export const plainLabel: ServerLabel = {
  name: 'small',
  places: [plainPlace],
  user: 'zuul',
  sshPort: 22,
  bootTimeout: 60_000,
  sshTimeout: 60_000,
  bootAttempts: 3,
  minReady: 0,
  max: 2,
  maxAge: undefined,
  imageBuild: undefined,
};
