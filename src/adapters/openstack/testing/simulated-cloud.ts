import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startOpenstackSimulator } from '../../../../simulators/openstack/simulator.ts';
import type { OpenstackSimulatorOptions } from '../../../../simulators/openstack/simulator.ts';
import { createApiClient } from '../../../../simulators/openstack/testing/api-client.ts';
import type { ApiClient } from '../../../../simulators/openstack/testing/api-client.ts';
import type { CloudAccess, CloudCredential } from '../../../domain/cloud-access.ts';
import { plainPlace } from '../../../domain/testing/labels.ts';
import type { CloudPlace, ServerLabel } from '../../../domain/settings.ts';
import type { Cloud, ServerRequest } from '../../../ports/cloud.ts';
import { createOpenstackCloud } from '../create-openstack-cloud.ts';

/** A running simulator and how to reach it. */
export interface SimulatedCloud {
  readonly access: CloudAccess;
  readonly api: ApiClient;
  inject(fault: Readonly<Record<string, unknown>>): Promise<void>;
  /** No limit for servers, cores and memory of project ci. */
  liftQuota(): Promise<void>;
  /** Makes an active image; answers its id. */
  uploadImage(name: string, properties?: Readonly<Record<string, string>>): Promise<string>;
  deleteImage(id: string): Promise<void>;
  close(): Promise<void>;
}

export const password: CloudCredential = {
  kind: 'password',
  username: 'ci',
  password: 'secret',
  userDomainName: 'Default',
  projectName: 'ci',
  projectDomainName: 'Default',
};

export const credentialById: CloudCredential = {
  kind: 'application-credential',
  id: '9aa65a2ffdc04ff4842f012edfe76032',
  secret: 'ci-cred-secret',
};

export const place: CloudPlace = { ...plainPlace, cloud: 'simulated', image: 'ci-image', flavor: 'ci.tiny' };

export function labelWith(changes: Partial<CloudPlace> = {}, max = 2): ServerLabel {
  return {
    name: 'tiny',
    places: [{ ...place, ...changes }],
    user: 'zuul',
    sshPort: 22,
    bootTimeout: 60_000,
    sshTimeout: 60_000,
    bootAttempts: 3,
    minReady: 0,
    max,
    maxAge: undefined,
    imageBuild: undefined,
  };
}

export async function startSimulatedCloud(options: Partial<OpenstackSimulatorOptions> = {}): Promise<SimulatedCloud> {
  const directory = await mkdtemp(join(tmpdir(), 'openstack-adapter-'));
  const simulator = await startOpenstackSimulator({ directory, bootDelay: 0, ...options });
  const api = await createApiClient(simulator.authUrl);
  return {
    access: accessTo(simulator.authUrl),
    api,
    inject: (fault) => api.call('POST', '/simulator/faults', fault),
    liftQuota: () =>
      api.call(
        'PUT',
        `/compute/v2.1/os-quota-sets/${api.projectId}`,
        { quota_set: { instances: -1, cores: -1, ram: -1 } },
        'admin',
      ),
    async uploadImage(name, properties = {}) {
      const { id } = await api.call<{ id: string }>('POST', '/image/v2/images', { name, ...properties });
      await api.upload(`/image/v2/images/${id}/file`, 'content');
      return id;
    },
    deleteImage: (id) => api.call('DELETE', `/image/v2/images/${id}`),
    async close() {
      await simulator.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export function accessTo(authUrl: string): CloudAccess {
  return {
    name: 'simulated',
    authUrl,
    credential: password,
    region: 'RegionOne',
    interface: 'public',
    verify: true,
    caCertificate: undefined,
    apiTimeout: 20_000,
  };
}

/** Fast enough for tests. */
export function openCloud(access: CloudAccess, requestRate = 1000): Cloud {
  return createOpenstackCloud({ cloud: access, requestRate });
}

export function serverRequest(server: string, changes: Partial<CloudPlace> = {}): ServerRequest {
  return {
    place: { ...place, ...changes },
    zone: undefined,
    imageId: undefined,
    name: `sidegate-${server}`,
    keypair: 'sidegate',
    mark: { owner: 'me', server },
    // Time that no test takes.
    patience: 300_000,
    deadline: Date.now() + 300_000,
  };
}
