import { z } from 'zod';
import { duration, foreignName, httpUrl, name, port } from './scalars.ts';

/** A kind of test server, booted on the CI cloud and thrown away after one build. */
export const labelSchema = z.strictObject({
  name: name('how jobs ask for this kind of test server'),
  cloud: foreignName('name of the cloud in clouds.yaml'),
  image: foreignName('name of the image; of several the newest active one is taken'),
  flavor: foreignName('name of the flavor; devstack wants 8 GiB of memory'),
  networks: z
    .array(foreignName('name of a network'))
    .min(1)
    .describe('networks by name; the first one must be reachable from sidegate and, for z/VM, from Feilong'),
  security_groups: z
    .array(foreignName('name of a security group'))
    .describe('security groups by name; none: the default one')
    .default([]),
  availability_zone: foreignName('availability zone; none: Nova chooses').optional(),
  user: foreignName('user of the image that sidegate logs in as; needs sudo without a password'),
  ssh_port: port('port of the SSH server').default(22),
  boot_timeout: duration('time from the request until SSH works; then the boot counts as failed', {
    min: '10s',
    max: '2h',
  }).default(600_000),
  min_ready: z
    .int()
    .min(0)
    .max(100)
    .describe('servers kept booted and waiting: saves the boot time, costs quota')
    .default(0),
  max: z.int().min(1).max(1000).describe('servers of this label at the same time; keep it within the quota').default(2),
});

/** One z/VM system behind one Feilong. */
export const backendSchema = z.strictObject({
  name: name('how jobs and the status page call this back end'),
  kind: z
    .enum(['dedicated', 'shared'])
    .describe('dedicated: one worker at a time has all of it; shared: one worker per slot'),
  url: httpUrl('Feilong’s REST interface, as sidegate and the test servers reach it'),
  slots: z
    .array(
      z.strictObject({
        prefix: z
          .string()
          .regex(/^[A-Z][A-Z0-9]{1,2}$/, {
            error: 'must be 2 or 3 upper-case letters or digits, the first one a letter',
          })
          .describe(
            'first characters of every userid the worker creates. Guests with it are DELETED before and after each build',
          ),
      }),
    )
    .min(1)
    .max(100)
    .describe('places for workers; userids are what keeps workers on one z/VM apart'),
});
