import { z } from 'zod';
import { addressRange, clockTime, instant, ipAddress, macAddress, numberRange } from './ranges.ts';
import { duration, httpUrl, line, name, path, scriptSchema, secretReference, size } from './scalars.ts';

const guardSchema = z
  .strictObject({
    address: ipAddress('address of this machine that test servers reach'),
    ports: numberRange('ports, at least one for each slot; none: any free ones', 1, 65_535).optional(),
    vswitches: z
      .array(
        z
          .string()
          .regex(/^[A-Za-z0-9]{1,8}$/, { error: 'must be a name of z/VM: 1 to 8 letters or digits' })
          .transform((text) => text.toUpperCase()),
      )
      .min(1)
      .max(100)
      .describe('virtual switches that workers may couple guests to; none: any')
      .optional(),
    certificate: path('PEM file, for https').optional(),
    key: path('PEM file with its private key').optional(),
  })
  .describe('what stands between a worker’s nova and Feilong');

const commandSchema = z
  .strictObject({
    prepare: scriptSchema({}).describe('makes the slot ready for a build'),
    clean: scriptSchema({}).describe('removes all that builds left in the slot'),
    check: scriptSchema({}).describe('says whether the system is well; none: it is').optional(),
    timeout: duration('limit of each script', { min: '1s', max: '6h' }).default(600_000),
  })
  .describe('scripts instead of `url`, for what is no z/VM');

const slotSchema = z.strictObject({
  prefix: z
    .string()
    .regex(/^[A-Z][A-Z0-9]{1,2}$/, {
      error: 'must be 2 or 3 upper-case letters or digits, the first one a letter',
    })
    .describe(
      'first characters of every userid the worker creates. Guests with it are DELETED before and after each build',
    ),
  base_mac: macAddress('neutron’s `base_mac` for this worker').optional(),
  addresses: addressRange('addresses for the worker’s guests').optional(),
  vlans: numberRange('VLANs for the worker’s guests', 1, 4094).optional(),
});

const days = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'] as const;

/** Once, `from` and `until`, or every week, `every`, `at` and `length`. */
const windowSchema = z.strictObject({
  from: instant('begin, such as 2026-12-06T02:00Z').optional(),
  until: instant('end').optional(),
  every: z
    .enum(days)
    .transform((day) => days.indexOf(day))
    .describe('day of the week')
    .optional(),
  at: clockTime('begin on that day, UTC, such as "02:00"').optional(),
  length: duration('how long', { min: '1m', max: '6d' }).optional(),
  reason: line('shown to those who wait'),
});

export type WindowEntry = z.output<typeof windowSchema>;

/** What a job tests on: one z/VM system behind one Feilong, or a pair of commands. */
export const backendSchema = z.strictObject({
  name: name('how jobs and the status page call this back end'),
  kind: z
    .enum(['dedicated', 'shared'])
    .describe('dedicated: one worker at a time has all of it; shared: one worker per slot'),
  system: name('the z/VM behind it, where several back ends share one; none: its own').optional(),
  url: httpUrl('Feilong’s REST interface, as sidegate reaches it').optional(),
  token: secretReference('Feilong’s admin token, where it wants one').optional(),
  ca_file: path('PEM file with the certificates to trust, for https').optional(),
  guard: guardSchema.optional(),
  direct_access: z
    .boolean()
    .describe(
      'true instead of `guard`: workers reach Feilong themselves, and nothing keeps them from each other’s guests',
    )
    .default(false),
  deploys: z.int().min(1).max(100).describe('deploys in flight at the same time; Feilong takes 20').default(10),
  command: commandSchema.optional(),
  worker: z
    .strictObject({
      memory: size('memory of all guests of one worker').optional(),
      disk: size('disks of all guests of one worker').optional(),
    })
    .describe('what a worker may take; a slot is given away while the system has so much free')
    .prefault({}),
  slots: z.array(slotSchema).min(1).max(100).describe('places for workers'),
  maintenance: z.array(windowSchema).max(100).describe('times without new builds').default([]),
});

export type BackendEntry = z.output<typeof backendSchema>;
