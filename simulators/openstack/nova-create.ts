import { randomBytes, randomUUID } from 'node:crypto';
import { novaError, pythonText } from './errors.ts';
import { asText } from './http.ts';
import type { Answer, Refusal } from './http.ts';
import { askedDisk, askedInterfaces, reserveVolume } from './nova-create-devices.ts';
import { bodyObject } from './nova-context.ts';
import type { NovaCall } from './nova-context.ts';
import { checkQuota } from './nova-quota.ts';
import { links } from './nova-view.ts';
import type { Flavor, Keypair, SimulatedServer } from './world.ts';
import { timestamp } from './world.ts';

type Asked = Record<string, unknown>;

const userDataLimit = 65_535;
/** Properties and the microversion that brought them. */
const properties: Readonly<Record<string, number>> = {
  name: 1,
  flavorRef: 1,
  imageRef: 1,
  networks: 1,
  key_name: 1,
  metadata: 1,
  user_data: 1,
  config_drive: 1,
  security_groups: 1,
  availability_zone: 1,
  block_device_mapping_v2: 1,
  min_count: 1,
  max_count: 1,
  'OS-DCF:diskConfig': 1,
  adminPass: 1,
  description: 19,
  tags: 52,
};

/** POST /servers: everything Nova checks before it says 202. */
export function createServer(call: NovaCall): Answer {
  if (call.nova.faults.take('create-lost', call.nova.world)) return { status: 0, cut: true };
  const asked = bodyObject(call, 'server');
  checkSchema(asked, call.version);
  const template = resolveServer(call, asked);
  const count = readCount(asked['min_count'] ?? 1);
  checkQuota(call.nova.world, call.token.project.id, template.flavor, count);

  const servers = Array.from({ length: count }, (_, index) => newServer(template, count > 1 ? `-${index + 1}` : ''));
  reserveVolume(call, template.wantedVolume);
  for (const server of servers) {
    call.nova.world.servers.set(server.id, server);
    void call.nova.compute.boot(server);
  }
  const { id, securityGroups } = servers[0]!;
  const body = {
    id,
    links: links(call.base, `servers/${id}`),
    'OS-DCF:diskConfig': 'MANUAL',
    security_groups: securityGroups.map((name) => ({ name })),
    adminPass: randomBytes(9).toString('base64url'),
  };
  const cut = call.nova.faults.take('create-cut', call.nova.world) !== undefined;
  return { status: 202, headers: { Location: `${call.base}/servers/${id}` }, body: { server: body }, cut };
}

function readCount(value: unknown): number {
  const count = Number(value);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw invalid('min_count', value, `${pythonText(value)} is not valid`);
}

function newServer(template: Omit<SimulatedServer, 'id'>, suffix: string): SimulatedServer {
  return {
    ...template,
    id: randomUUID(),
    name: `${template.name}${suffix}`,
    metadata: { ...template.metadata },
    tags: [...template.tags],
  };
}

function checkSchema(asked: Asked, version: number): void {
  const required = ['name', 'flavorRef', ...(version >= 37 ? ['networks'] : [])];
  for (const property of required) {
    if (asked[property] === undefined) throw invalid('server', asked, `'${property}' is a required property`);
  }
  for (const property of Object.keys(asked)) {
    if ((properties[property] ?? Infinity) > version) {
      throw invalid('server', asked, `Additional properties are not allowed ('${property}' was unexpected)`);
    }
  }
  checkTexts(asked);
  const userData = asked['user_data'];
  if (typeof userData === 'string' && userData.length > userDataLimit) {
    throw invalid('user_data', userData, `'${userData}' is too long`, userData);
  }
}

function checkTexts(asked: Asked): void {
  const { name, metadata } = asked as { name: unknown; metadata: unknown };
  if (typeof name !== 'string' || name.length === 0 || name.length > 255) {
    throw invalid('name', name, `${pythonText(name)} is not of type 'string'`);
  }
  for (const [key, value] of Object.entries(metadata ?? {})) {
    if (typeof value !== 'string') throw invalid(key, value, `${pythonText(value)} is not of type 'string'`);
    if (value.length > 255) throw invalid(key, value, `${pythonText(value)} is too long`);
  }
}

function invalid(field: string, value: unknown, problem: string, shown = pythonText(value)): Refusal {
  return novaError(400, `Invalid input for field/attribute ${field}. Value: ${shown}. ${problem}`);
}

function resolveServer(call: NovaCall, asked: Asked): Omit<SimulatedServer, 'id'> {
  const created = timestamp();
  const zone = asText(asked['availability_zone'] ?? 'nova');
  if (!call.nova.world.zones.includes(zone)) {
    throw novaError(400, 'The requested availability zone is not available');
  }
  return {
    name: asText(asked['name']),
    projectId: call.token.project.id,
    userId: call.token.user.id,
    ...askedDisk(call, asked),
    flavor: askedFlavor(call, asked['flavorRef']),
    keypair: askedKeypair(call, asked['key_name']),
    wantedInterfaces: askedInterfaces(call, asked['networks']),
    securityGroups: askedGroups(call, asked['security_groups']),
    availabilityZone: zone,
    configDrive: asked['config_drive'] === true || asked['config_drive'] === 'true',
    description: typeof asked['description'] === 'string' ? asked['description'] : null,
    userData: typeof asked['user_data'] === 'string' ? asked['user_data'] : undefined,
    metadata: (asked['metadata'] ?? {}) as Record<string, string>,
    tags: ((asked['tags'] ?? []) as string[]).map(asText),
    created,
    updated: created,
    launchedAt: undefined,
    ports: [],
    volumes: [],
    vmState: 'building',
    taskState: 'scheduling',
    fault: undefined,
    machine: undefined,
  };
}

function askedFlavor(call: NovaCall, asked: unknown): Flavor {
  const flavor = call.nova.world.flavors.find(({ id }) => id === asText(asked));
  if (!flavor) throw novaError(400, `Flavor ${asText(asked)} could not be found.`);
  return flavor;
}

function askedKeypair(call: NovaCall, asked: unknown): Keypair | undefined {
  if (asked === undefined || asked === null) return undefined;
  const keypair = call.nova.world.keypairs.get(`${call.token.user.id}/${asText(asked)}`);
  if (!keypair) throw novaError(400, 'Invalid key_name provided.');
  return keypair;
}

function askedGroups(call: NovaCall, asked: unknown): readonly string[] {
  if (!Array.isArray(asked) || asked.length === 0) return ['default'];
  const own = [...call.nova.world.securityGroups.values()].filter(
    ({ projectId }) => projectId === call.token.project.id,
  );
  return asked.map((entry: unknown) => {
    const wanted = (entry as { name?: unknown }).name;
    const found = own.filter(({ id, name }) => id === wanted || name === wanted);
    if (found.length === 0) throw novaError(400, `Unable to find security_group with name or id '${asText(wanted)}'`);
    if (found.length > 1)
      throw novaError(
        409,
        `Multiple security_group matches found for name '${asText(wanted)}', use an ID to be more specific.`,
      );
    return found[0]!.name;
  });
}
