import { createHash, randomUUID } from 'node:crypto';
import type { Image, Network, Quota, Role, World } from './world.ts';
import { timestamp } from './world.ts';

export interface SeedOptions {
  /** Nova's limits of project ci; Nova's own defaults where left out. */
  readonly quota: Partial<Quota>;
  /** Login user of the image. */
  readonly imageUser: string;
  /** When the application credential ends, milliseconds since 1970. */
  readonly credentialExpiresAt: number | undefined;
}

const member: Role = { id: '96459e4fb9ed48b1981d62407b6e5a94', name: 'member' };
const reader: Role = { id: 'fd7bc9cbf3994091a1743dd90e36e42f', name: 'reader' };
const admin: Role = { id: '0b4dbc0d5b6f4b4f8d4c4d6a7e0d3c11', name: 'admin' };

const adminProject = { id: '125819e7dc374804863c3aa90d1df6dd', name: 'admin' };
const ciProject = { id: 'e84f8f36ca3f4c6eb6b6f01231729804', name: 'ci' };
const ciUserId = '9996afe129b543cebf8cf9bda0bea4c2';

/** The cloud of the OpenStack recipe: user ci/secret, its application credential, flavors, image and networks. */
export function seedWorld(options: SeedOptions): World {
  const image = seedImage(options.imageUser);
  const group = {
    id: randomUUID(),
    name: 'default',
    description: 'Default security group',
    createdAt: timestamp(),
    rules: [],
  };
  return {
    users: [
      { id: ciUserId, name: 'ci', password: 'secret', projectId: ciProject.id, roles: [member, reader] },
      {
        id: 'a0c3f2a9d1f04e0b8a4e4b6d2c1f7e55',
        name: 'admin',
        password: 'secret',
        projectId: adminProject.id,
        roles: [admin, member, reader],
      },
    ],
    projects: [adminProject, ciProject],
    applicationCredentials: [
      {
        id: '9aa65a2ffdc04ff4842f012edfe76032',
        name: 'ci-cred',
        secret: 'ci-cred-secret',
        userId: ciUserId,
        roles: [member],
        expiresAt: options.credentialExpiresAt,
      },
    ],
    flavors: [
      { id: '1', name: 'ci.tiny', ram: 512, vcpus: 1, disk: 1 },
      { id: '2', name: 'ci.small', ram: 2048, vcpus: 1, disk: 10 },
      { id: '3', name: 'ci.devstack', ram: 8192, vcpus: 4, disk: 80 },
      { id: '9', name: 'ci.toobig', ram: 99_999_999, vcpus: 5000, disk: 999_999 },
    ],
    networks: seedNetworks(),
    images: new Map([[image.id, image]]),
    securityGroups: new Map([[group.id, { ...group, projectId: ciProject.id }]]),
    keypairs: new Map(),
    servers: new Map(),
    quotas: new Map([
      [ciProject.id, { cores: 20, instances: 10, ram: 51_200, ...options.quota }],
      [adminProject.id, { cores: 20, instances: 10, ram: 51_200 }],
    ]),
  };
}

function seedImage(user: string): Image {
  return {
    id: '713a8310-e2ba-4895-9e1b-ba94f5a90c63',
    name: 'ci-image',
    status: 'active',
    visibility: 'public',
    owner: adminProject.id,
    createdAt: timestamp(),
    properties: { os_admin_user: user },
    content: describeContent(Buffer.alloc(65_536)),
  };
}

export function describeContent(bytes: Buffer): NonNullable<Image['content']> {
  const checksum = createHash('md5').update(bytes).digest('hex');
  return { size: bytes.length, checksum, hash: createHash('sha512').update(bytes).digest('hex') };
}

function seedNetworks(): readonly Network[] {
  return [
    {
      id: '1d2645fb-23e2-47ba-8b95-249d3698ef4a',
      name: 'public',
      projectId: adminProject.id,
      shared: true,
      external: true,
      portSecurity: true,
      subnetId: '7a289711-d04a-41ba-b370-fd4e6ba05434',
      prefix: '127.79',
    },
    {
      id: '9e940fc1-4ac3-4ffc-adf6-e6a9516570e7',
      name: 'ci-net',
      projectId: ciProject.id,
      shared: false,
      external: false,
      portSecurity: true,
      subnetId: '5970f17f-695d-4288-83ee-24096354041f',
      prefix: '127.78',
    },
    {
      id: '4f6b1a52-7a0e-4c55-9c0b-0d1f5ce2b9a7',
      name: 'lan',
      projectId: adminProject.id,
      shared: true,
      external: false,
      portSecurity: false,
      subnetId: 'b7b1f8a4-53a4-4a54-9f5e-6ab9f0c0e2d3',
      prefix: '127.77',
    },
  ];
}
