import { openSession } from '../../../lab/openstack/openstack-session.ts';
import type { Credentials, OpenstackSession } from '../../../lab/openstack/openstack-session.ts';
import { createOpenstackCloud } from '../../../src/adapters/openstack/create-openstack-cloud.ts';
import type { CloudAccess } from '../../../src/domain/cloud-access.ts';
import type { Cloud } from '../../../src/ports/cloud.ts';
import { startOpenstack } from '../../../src/demo/simulators.ts';

/** What a story needs of an OpenStack: the real one of the lab and the simulator both have it, so that the same stories run on both. */
export interface CloudUnderTest {
  /** Keystone, with its version. */
  readonly authUrl: string;
  readonly user: string;
  readonly password: string;
  readonly project: string;
  readonly admin: Credentials;
  readonly image: string;
  readonly flavor: string;
  /** A flavor no host can hold. */
  readonly flavorTooBig: string;
  /** A network whose servers this machine can log in to. */
  readonly network: string;
  /** External network with floating addresses, and one with a router to it. */
  readonly floatingNetwork: string;
  readonly routedNetwork: string;
  readonly zones: readonly string[];
  /** The first is the one stories use unless they say so. */
  readonly regions: readonly string[];
  /** User of the image, and its SSH port. */
  readonly serverUser: string;
  readonly sshPort: number;
  /** Address of this machine as test servers see it. */
  readonly hostAddress: string;
  /** From now on servers of a label with the keys it answers do not boot: they stay in BUILD, or show a host key and let nobody in. */
  breakBoots(how: BrokenBoot): Promise<object>;
  mendBoots(): Promise<void>;
  /** Ends all tokens of the user. */
  revokeTokens(): Promise<void>;
  /** Tokens issued from then on are good for so many seconds; without, for as many as usual. */
  setTokenLifetime(seconds?: number): Promise<void>;
  /** Seconds. Nova boots servers with the token of who asked for them: it must not end meanwhile. */
  readonly shortLifetime: number;
  stop(): Promise<void>;
}

export type BrokenBoot = 'hang' | 'no-ssh';

export interface SimulatedCloudOptions {
  readonly directory: string;
  /** Milliseconds a test server takes to boot. */
  readonly bootDelay: number;
  readonly instances: number;
}

const bootFaults = {
  hang: { fault: 'stuck-build', rate: 1 },
  'no-ssh': { fault: 'no-ssh', hostKey: true, rate: 1 },
} as const;

export async function startSimulatedCloud(options: SimulatedCloudOptions): Promise<CloudUnderTest> {
  const openstack = await startOpenstack(options);
  return {
    authUrl: openstack.ready.authUrl,
    user: 'ci',
    password: 'secret',
    project: 'ci',
    image: 'ci-image',
    flavor: 'ci.tiny',
    flavorTooBig: 'ci.toobig',
    admin: { user: 'admin', password: 'secret', project: 'admin' },
    network: 'lan',
    floatingNetwork: 'public',
    routedNetwork: 'ci-net',
    zones: ['nova', 'zone-b'],
    regions: ['RegionOne', 'RegionTwo'],
    serverUser: 'zuul',
    sshPort: openstack.ready.sshPort,
    hostAddress: '127.0.0.1',
    breakBoots: async (how) => {
      await postFault(openstack.ready.authUrl, bootFaults[how]);
      return {};
    },
    mendBoots: async () => {
      for (const fault of Object.values(bootFaults)) await postFault(openstack.ready.authUrl, { ...fault, rate: 0 });
    },
    revokeTokens: () => postFault(openstack.ready.authUrl, { fault: 'revoke-tokens' }),
    setTokenLifetime: (seconds = 0) => postFault(openstack.ready.authUrl, { fault: 'token-lifetime', seconds }),
    shortLifetime: 15,
    stop: () => openstack.stop(),
  };
}

/** For clouds.yaml. */
export function authOf({ authUrl, user, password, project }: CloudUnderTest): object {
  return {
    auth_url: authUrl,
    username: user,
    password,
    project_name: project,
    user_domain_name: 'Default',
    project_domain_name: 'Default',
  };
}

/** The cloud as sidegate's own clients take it. */
export function accessOf({
  authUrl,
  password,
  project,
  user,
}: Pick<CloudUnderTest, 'authUrl' | 'password' | 'project' | 'user'>): CloudAccess {
  return {
    name: 'beside',
    authUrl,
    credential: {
      kind: 'password',
      username: user,
      password,
      userDomainName: 'Default',
      projectName: project,
      projectDomainName: 'Default',
    },
    region: 'RegionOne',
    interface: 'public',
    verify: true,
    caCertificate: undefined,
    apiTimeout: 30_000,
  };
}

/** sidegate's own client, to look at the cloud beside sidegate. */
export function clientOf(cloud: CloudUnderTest): Cloud {
  return createOpenstackCloud({ requestRate: 100, cloud: accessOf(cloud) });
}

/** Requests beside sidegate, for what it never does itself. */
export function asCi(cloud: CloudUnderTest): Promise<OpenstackSession> {
  return openSession(cloud.authUrl, cloud);
}

/** Changes the compute quota of the CI's project. */
export async function setQuota(cloud: CloudUnderTest, quota: Readonly<Record<string, number>>): Promise<void> {
  const { projectId } = await asCi(cloud);
  const admin = await openSession(cloud.authUrl, cloud.admin);
  await admin.ask('compute', `PUT /os-quota-sets/${projectId}`, { body: { quota_set: { ...quota, force: true } } });
}

/** What goes wrong next on the simulator (simulators/openstack/README.md). */
export async function postFault(authUrl: string, fault: object): Promise<void> {
  const answer = await fetch(new URL('/simulator/faults', authUrl), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fault),
  });
  if (!answer.ok) throw new Error(`${JSON.stringify(fault)}: ${answer.status} ${await answer.text()}`);
}
