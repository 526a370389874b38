import { z } from 'zod';
import { duration, foreignName, hostKeys, name, path, port, scriptSchema } from './scalars.ts';

/** Names of clouds.yaml. The region has a key of its own. */
function cloudName(description: string) {
  return foreignName(description).refine((text) => !text.includes('/'), {
    error: 'must not contain `/`: the region goes into the key `region`',
  });
}

const metadataSchema = z
  .record(
    z.string().regex(/^(?!sidegate_)[A-Za-z0-9_:. -]{1,255}$/, {
      error: 'must be a name of letters, digits, blanks, `-`, `_`, `:` and `.`, and must not start with sidegate_',
    }),
    z.string({ error: 'must be text: put it in quotes (YAML reads 3.10 as 3.1)' }).max(255),
  )
  .refine((metadata) => Object.keys(metadata).length <= 100, { error: 'has more than 100 entries' })
  .describe('metadata of the servers, for other tools of the cloud');

const volumeSchema = z
  .strictObject({
    size: z.int().min(1).max(65_536).describe('size in GiB'),
    type: foreignName('volume type of Cinder; none: its default one').optional(),
  })
  .describe('boot from a volume that is deleted with the server');

/** Where, and what to ask for there. All optional here: a fallback has the label's, and a rack needs none of it. */
const placeShape = {
  cloud: cloudName('name of the cloud in clouds.yaml; none: the environment variable OS_CLOUD').optional(),
  region: foreignName('region of the cloud; none: what clouds.yaml says').optional(),
  rack: name('name of a rack, instead of a cloud').optional(),
  image: foreignName(
    'name of the image, or a pattern with `*`; the newest active one that matches is taken',
  ).optional(),
  flavor: foreignName('name of the flavor; devstack wants 8 GiB of memory').optional(),
  networks: z
    .array(foreignName('name or id of a network'))
    .min(1)
    .max(20)
    .describe('networks by name or id; the first one must be reachable from sidegate and, for z/VM, from Feilong')
    .optional(),
  security_groups: z
    .array(foreignName('name or id of a security group'))
    .max(50)
    .describe('security groups by name or id; none: the default one')
    .optional(),
  availability_zones: z
    .array(foreignName('name of an availability zone'))
    .max(50)
    .describe('availability zones, tried in turn; none: Nova chooses')
    .optional(),
  floating_network: foreignName('network floating addresses come from; none: the fixed address is routable')
    .nullable()
    .optional(),
  user_data: path('file whose text cloud-init gets').nullable().optional(),
  config_drive: z.boolean().describe('give the server a config drive').optional(),
  volume: volumeSchema.nullable().optional(),
  metadata: metadataSchema.optional(),
};

/** Keys that say what to ask a cloud for; a rack has none of them. */
export const cloudKeys = Object.keys(placeShape).filter((key) => key !== 'rack') as readonly (keyof PlaceEntry)[];

const fallbackSchema = z.strictObject(placeShape);
export type PlaceEntry = z.output<typeof fallbackSchema>;

const imageBuildSchema = z
  .strictObject({
    prepare: path('file with the script that prepares a server of the base image'),
    smoke: path('file with the script that must succeed on a server of the new image before builds get it'),
    timeout: duration('limit of each script', { min: '10s', max: '24h' }).default(3_600_000),
    every: duration('age of the newest image at which the next is built; none: only by hand', {
      min: '10m',
      max: '90d',
    }).optional(),
    keep: z.int().min(1).max(20).describe('good images kept, the one in use included').default(2),
  })
  .describe('make images of our own for this label');

/** A kind of test server, thrown away after one build. */
export const labelSchema = z.strictObject({
  name: name('how jobs ask for this kind of test server'),
  ...placeShape,
  fallbacks: z
    .array(fallbackSchema)
    .max(20)
    .describe('further places, taken in order when the ones before are full or fail; keys not given are the label’s')
    .default([]),
  user: foreignName('user of the image that sidegate logs in as; needs sudo without a password'),
  ssh_port: port('port of the SSH server').default(22),
  boot_timeout: duration('time from the request until the server runs and shows its host keys', {
    min: '10s',
    max: '2h',
  }).default(600_000),
  ssh_timeout: duration('time from then until the login works', { min: '5s', max: '1h' }).default(180_000),
  boot_attempts: z
    .int()
    .min(1)
    .max(10)
    .describe('servers tried, each in another zone or cloud where there is one, before the boot counts as failed')
    .default(3),
  min_ready: z
    .int()
    .min(0)
    .max(100)
    .describe('servers kept booted and waiting: saves the boot time, costs quota')
    .default(0),
  max: z.int().min(1).max(1000).describe('servers of this label at the same time; keep it within the quota').default(2),
  max_age: duration('a server that waited this long is replaced; none: never', { min: '10m', max: '90d' }).optional(),
  image_build: imageBuildSchema.optional(),
});

/** API requests per second to a cloud nothing is said about. */
export const defaultRequestRate = 20;

/** What sidegate shall know of a cloud beside clouds.yaml. */
export const cloudLimitsSchema = z.strictObject({
  name: cloudName('name of the cloud, as labels write it'),
  region: foreignName('region, where labels write one').optional(),
  max_servers: z
    .int()
    .min(0)
    .max(10_000)
    .describe('servers of all labels together, 0: no new ones; none: only the quota limits')
    .optional(),
  requests_per_second: z
    .number()
    .min(0.1)
    .max(1000)
    .describe('API requests per second, at most')
    .default(defaultRequestRate),
  sweep: z
    .enum(['delete', 'report'])
    .describe('what happens to leftovers that carry our mark: delete, or only count and show')
    .default('delete'),
});

const resetSchema = scriptSchema({}).describe(
  'shell script, run where sidegate runs, that makes a host as new; exit status 0 says that it is',
);

/** Hosts without a cloud, lent to builds and reset after each. */
export const rackSchema = z.strictObject({
  name: name('how labels call this rack'),
  hosts: z
    .array(
      z.strictObject({
        name: name('how the status page calls this host'),
        address: z
          .string()
          .max(253)
          .regex(/^[A-Za-z0-9][A-Za-z0-9.-]*$|^[0-9A-Fa-f:]+(?:%[\w.-]+)?$/, {
            error: 'must be an address or a host name',
          })
          .describe('address or name to log in at'),
        host_key: hostKeys('public host key, as `ssh-keyscan HOST` prints it: pinned'),
      }),
    )
    .min(1)
    .max(500)
    .describe('hosts that are used one build at a time'),
  reset: resetSchema,
  reset_timeout: duration('limit of the script', { min: '1s', max: '24h' }).default(1_800_000),
});

export const holdSchema = z.strictObject({
  max_ttl: duration('longest time a server may be held for a person', { min: '1m', max: '30d' }).default(86_400_000),
  max_servers: z.int().min(0).max(1000).describe('servers held at the same time; more requests wait').default(2),
});
