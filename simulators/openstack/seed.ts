import { createHash } from 'node:crypto';
import type { Identity, Image, Network, NetworkQuota, Quota, Role, VolumeQuota, World } from './world.ts';
import { timestamp } from './world.ts';

export interface SeedOptions {
  /** Limits of project ci in each region; OpenStack's own defaults where left out. */
  readonly quota: Partial<Quota>;
  readonly networkQuota: Partial<NetworkQuota>;
  readonly volumeQuota: Partial<VolumeQuota>;
  /** Login user of the image. */
  readonly imageUser: string;
}

export const defaultQuota: Quota = { cores: 20, instances: 10, ram: 51_200 };
export const defaultVolumeQuota: VolumeQuota = { volumes: 10, gigabytes: 1000 };
export const defaultNetworkQuota: NetworkQuota = {
  network: 100,
  subnet: 100,
  port: 500,
  router: 10,
  floatingip: 50,
  security_group: 10,
  security_group_rule: 100,
};

const member: Role = { id: '96459e4fb9ed48b1981d62407b6e5a94', name: 'member' };
const reader: Role = { id: 'fd7bc9cbf3994091a1743dd90e36e42f', name: 'reader' };
const admin: Role = { id: '0b4dbc0d5b6f4b4f8d4c4d6a7e0d3c11', name: 'admin' };

const defaultDomain = { id: 'default', name: 'Default' };
const partnersDomain = { id: '5b1f4d0f7c1c4c6c9e6a0a54d7d9a3be', name: 'partners' };
const adminProject = { id: '125819e7dc374804863c3aa90d1df6dd', name: 'admin', domain: defaultDomain };
const ciProject = { id: 'e84f8f36ca3f4c6eb6b6f01231729804', name: 'ci', domain: defaultDomain };
const partnersCiProject = { id: '3c0b8f0a7d5e4be39f0d6a8c2b71e4d9', name: 'ci', domain: partnersDomain };
const ciUserId = '9996afe129b543cebf8cf9bda0bea4c2';

/** User ci/secret and its application credential; user admin; and in another domain a user and a project named ci as well. */
export function seedIdentity(credentialExpiresAt: number | undefined): Identity {
  const credential = {
    id: '9aa65a2ffdc04ff4842f012edfe76032',
    name: 'ci-cred',
    description: 'CI',
    secret: 'ci-cred-secret',
    userId: ciUserId,
    projectId: ciProject.id,
    roles: [member],
    unrestricted: null,
    expiresAt: credentialExpiresAt,
  };
  return {
    domains: [defaultDomain, partnersDomain],
    users: [
      {
        id: ciUserId,
        name: 'ci',
        domain: defaultDomain,
        password: 'secret',
        projectId: ciProject.id,
        roles: [member, reader],
      },
      {
        id: '71d2c8c3a0f54c1f8f4a9b1f0e6d5c2a',
        name: 'ci',
        domain: partnersDomain,
        password: 'partners-secret',
        projectId: partnersCiProject.id,
        roles: [member, reader],
      },
      {
        id: 'a0c3f2a9d1f04e0b8a4e4b6d2c1f7e55',
        name: 'admin',
        domain: defaultDomain,
        password: 'secret',
        projectId: adminProject.id,
        roles: [admin, member, reader],
      },
    ],
    projects: [adminProject, ciProject, partnersCiProject],
    applicationCredentials: new Map([[credential.id, credential]]),
  };
}

/** The cloud of the OpenStack recipe: flavors, image and networks. The first region has the ids of the recipe. */
export function seedRegion(region: string, index: number, options: SeedOptions): World {
  const idOf = (recorded: string) => (index === 0 ? recorded : stableUuid(`${region} ${recorded}`));
  const image = { ...seedImage(options.imageUser), id: idOf('713a8310-e2ba-4895-9e1b-ba94f5a90c63') };
  const group = {
    id: stableUuid(`${region} default group`),
    name: 'default',
    description: 'Default security group',
    createdAt: timestamp(),
    rules: [],
    projectId: ciProject.id,
  };
  return {
    region,
    flavors: [
      { id: '1', name: 'ci.tiny', ram: 512, vcpus: 1, disk: 1 },
      { id: '2', name: 'ci.small', ram: 2048, vcpus: 1, disk: 10 },
      { id: '3', name: 'ci.devstack', ram: 8192, vcpus: 4, disk: 80 },
      { id: '9', name: 'ci.toobig', ram: 99_999_999, vcpus: 5000, disk: 999_999 },
    ],
    networks: seedNetworks(idOf, index),
    zones: ['nova', 'zone-b'],
    routerId: idOf('bad1abe8-1c5e-456d-92cc-52c18d399383'),
    images: new Map([[image.id, image]]),
    securityGroups: new Map([[group.id, group]]),
    keypairs: new Map(),
    servers: new Map(),
    ports: new Map(),
    floatingIps: new Map(),
    volumes: new Map(),
    quotas: new Map([[ciProject.id, { ...defaultQuota, ...options.quota }]]),
    networkQuotas: new Map([[ciProject.id, { ...defaultNetworkQuota, ...options.networkQuota }]]),
    volumeQuotas: new Map([[ciProject.id, { ...defaultVolumeQuota, ...options.volumeQuota }]]),
    seeded: new Set([image.id, group.id]),
  };
}

function seedImage(user: string): Omit<Image, 'id'> {
  const createdAt = timestamp();
  return {
    name: 'ci-image',
    status: 'active',
    visibility: 'public',
    owner: adminProject.id,
    createdAt,
    updatedAt: createdAt,
    protected: false,
    properties: { os_admin_user: user },
    content: describeContent(Buffer.alloc(65_536)),
    files: undefined,
  };
}

export function describeContent(bytes: Buffer): NonNullable<Image['content']> {
  const checksum = createHash('md5').update(bytes).digest('hex');
  return { size: bytes.length, checksum, hash: createHash('sha512').update(bytes).digest('hex') };
}

/** Each region has its own three prefixes: 127.77 to 127.79, 127.80 to 127.82. */
function seedNetworks(idOf: (recorded: string) => string, index: number): readonly Network[] {
  const prefix = (first: number) => `127.${first + 3 * index}`;
  return [
    {
      id: idOf('1d2645fb-23e2-47ba-8b95-249d3698ef4a'),
      name: 'public',
      projectId: adminProject.id,
      shared: true,
      external: true,
      routed: false,
      portSecurity: true,
      subnetId: idOf('7a289711-d04a-41ba-b370-fd4e6ba05434'),
      prefix: prefix(79),
    },
    {
      id: idOf('9e940fc1-4ac3-4ffc-adf6-e6a9516570e7'),
      name: 'ci-net',
      projectId: ciProject.id,
      shared: false,
      external: false,
      routed: true,
      portSecurity: true,
      subnetId: idOf('5970f17f-695d-4288-83ee-24096354041f'),
      prefix: prefix(78),
    },
    {
      id: idOf('4f6b1a52-7a0e-4c55-9c0b-0d1f5ce2b9a7'),
      name: 'lan',
      projectId: adminProject.id,
      shared: true,
      external: false,
      routed: false,
      portSecurity: false,
      subnetId: idOf('b7b1f8a4-53a4-4a54-9f5e-6ab9f0c0e2d3'),
      prefix: prefix(77),
    },
  ];
}

function stableUuid(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
