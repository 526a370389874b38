import { z } from 'zod';
import type { CloudAccess } from '../../domain/cloud-access.ts';
import { SidegateError, errorText } from '../../domain/errors.ts';
import type { ServerLabel } from '../../domain/settings.ts';
import { createClient } from './client.ts';
import type { Client } from './client.ts';
import type { Finding } from '../../domain/finding.ts';
import { findFlavor, findImage, findNetwork } from './names.ts';
import type { CloudFlavor } from './names.ts';

/** For `sidegate doctor`: really logs in and looks for what the labels of this cloud name. Creates nothing. */
export async function checkCloud(access: CloudAccess, labels: readonly ServerLabel[]): Promise<readonly Finding[]> {
  const client = createClient(access, undefined);
  const login = await check('login', async () => `as member of project ${(await client.session()).projectName}`);
  if (!login.ok) return [login];
  const own = labels.filter(({ cloud }) => cloud === access.name);
  const found = await Promise.all(own.map((label) => checkLabel(client, label)));
  return [login, ...found.flat(), await check('quota', () => checkQuota(client, own))];
}

async function checkLabel(client: Client, label: ServerLabel): Promise<readonly Finding[]> {
  const of = (what: string, name: string) => `label ${label.name}: ${what} ${name}`;
  return Promise.all([
    check(of('image', label.image), async () => `is image ${await findImage(client, label.image)}`),
    check(of('flavor', label.flavor), async () => flavorText(await findFlavor(client, label.flavor))),
    ...label.networks.map((name) =>
      check(of('network', name), async () => `is network ${await findNetwork(client, name)}`),
    ),
    ...label.securityGroups.map((name) => check(of('security group', name), () => checkGroup(client, name))),
    ...(label.availabilityZone === undefined
      ? []
      : [check(of('zone', label.availabilityZone), () => checkZone(client, label))]),
  ]);
}

/** A good answer is the detail; what is thrown says what is wrong. */
async function check(what: string, look: () => Promise<string>): Promise<Finding> {
  try {
    return { ok: true, what, detail: await look(), todo: '' };
  } catch (error) {
    const todo = error instanceof SidegateError ? error.todo : 'Report this as a bug of sidegate.';
    return { ok: false, what, detail: error instanceof SidegateError ? error.detail : errorText(error), todo };
  }
}

function flavorText({ vcpus, ram }: CloudFlavor): string {
  return `has ${vcpus} CPUs and ${ram} MiB`;
}

const groupsSchema = z.object({ security_groups: z.array(z.object({ id: z.string() })) });

async function checkGroup(client: Client, name: string): Promise<string> {
  for (const key of ['name', 'id']) {
    const path = `/security-groups?${new URLSearchParams({ [key]: name }).toString()}`;
    const { security_groups: groups } = (await client.call({ service: 'network', method: 'GET', path })).read(
      groupsSchema,
    );
    if (groups.length > 1)
      throw new SidegateError(
        'cloud-refused',
        `there are ${groups.length} security groups named ${name}: write its id`,
      );
    if (groups[0]) return `is security group ${groups[0].id}`;
  }
  throw new SidegateError('cloud-refused', `there is no security group named ${name}`);
}

const zonesSchema = z.object({
  availabilityZoneInfo: z.array(z.object({ zoneName: z.string(), zoneState: z.object({ available: z.boolean() }) })),
});

async function checkZone(client: Client, { availabilityZone }: ServerLabel): Promise<string> {
  const answer = await client.call({ service: 'compute', method: 'GET', path: '/os-availability-zone' });
  const zones = answer.read(zonesSchema).availabilityZoneInfo.filter(({ zoneState }) => zoneState.available);
  if (zones.some(({ zoneName }) => zoneName === availabilityZone)) return 'is available';
  throw new SidegateError(
    'cloud-refused',
    `available zones: ${zones.map(({ zoneName }) => zoneName).join(', ') || 'none'}`,
  );
}

const limitsSchema = z.object({
  limits: z.object({
    absolute: z.object({
      maxTotalInstances: z.number(),
      maxTotalCores: z.number(),
      maxTotalRAMSize: z.number(),
    }),
  }),
});

/** Whether all labels at their `max` fit into the quota of the project. */
async function checkQuota(client: Client, labels: readonly ServerLabel[]): Promise<string> {
  const { absolute } = (await client.call({ service: 'compute', method: 'GET', path: '/limits' })).read(
    limitsSchema,
  ).limits;
  const wanted = { servers: 0, cores: 0, ram: 0 };
  for (const { flavor, max } of labels) {
    const size = await findFlavor(client, flavor).catch(() => ({ vcpus: 0, ram: 0 }));
    wanted.servers += max;
    wanted.cores += size.vcpus * max;
    wanted.ram += size.ram * max;
  }
  const rows = [
    { name: 'servers', wanted: wanted.servers, limit: absolute.maxTotalInstances },
    { name: 'cores', wanted: wanted.cores, limit: absolute.maxTotalCores },
    { name: 'MiB of memory', wanted: wanted.ram, limit: absolute.maxTotalRAMSize },
  ];
  const texts = rows.map((row) => `${row.wanted} of ${row.limit < 0 ? 'unlimited' : row.limit} ${row.name}`);
  const detail = `labels at their max use ${texts.join(', ')}`;
  if (rows.some((row) => row.limit >= 0 && row.wanted > row.limit)) throw new SidegateError('cloud-quota', detail);
  return detail;
}
