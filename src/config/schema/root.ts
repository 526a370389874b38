import { z } from 'zod';
import { backendSchema } from './back.ts';
import { gerritSchema } from './gerrit.ts';
import { logsSchema } from './logs.ts';
import { noticesSchema } from './notices.ts';
import { ciName, jobSchema, pipelineSchema, projectSchema } from './rules.ts';
import { duration, httpUrl, line, listenAddress, path, secretReference, size } from './scalars.ts';
import { cloudLimitsSchema, holdSchema, labelSchema, rackSchema } from './servers.ts';

/** The lists of the file. Each entry is also checked on its own, so that one mistake does not hide those in other entries. */
export const sections = {
  gerrit: gerritSchema,
  clouds: cloudLimitsSchema,
  racks: rackSchema,
  labels: labelSchema,
  backends: backendSchema,
  jobs: jobSchema,
  pipelines: pipelineSchema,
  projects: projectSchema,
};

/** `sidegate.yaml`. Unknown keys are errors: a misspelt one would silently mean its default. */
export const rootSchema = z.strictObject({
  name: ciName,
  contact: line('e-mail address in every comment: OpenStack asks CIs to be reachable'),
  wiki_url: httpUrl('page of this CI on wiki.openstack.org: OpenStack wants it in every comment').optional(),
  state: z
    .strictObject({
      directory: path('where the embedded PostgreSQL, generated keys and locks live').default('./state'),
      database_url: secretReference(
        'a PostgreSQL of your own, `postgresql://…`, instead of the embedded one',
      ).optional(),
    })
    .prefault({}),
  web: z.strictObject({
    listen: listenAddress('address of the status page and the logs').default({ host: '127.0.0.1', port: 8000 }),
    public_url: httpUrl('address under which reviewers reach it; log links in comments start with it'),
    operator_password: secretReference('lets operators hold and release servers on the pages').optional(),
  }),
  logs: logsSchema.prefault({}),
  ssh: z
    .strictObject({
      private_key: path('SSH private key for test servers; none: one is made in the state directory').optional(),
    })
    .default({}),
  clouds_file: path('clouds.yaml, if it is not where OpenStack tools look').optional(),
  gerrit: z.array(gerritSchema).min(1).max(20).describe('Gerrits to listen to'),
  clouds: z.array(cloudLimitsSchema).max(100).describe('limits of clouds that labels name').default([]),
  racks: z.array(rackSchema).max(100).describe('hosts without a cloud').default([]),
  hold: holdSchema.prefault({}),
  labels: z.array(labelSchema).min(1).max(100).describe('kinds of test servers'),
  backends: z.array(backendSchema).max(100).describe('z/VM systems').default([]),
  jobs: z.array(jobSchema).min(1).max(200).describe('what to run'),
  pipelines: z.array(pipelineSchema).min(1).max(50).describe('when to run, and how to vote'),
  projects: z.array(projectSchema).min(1).max(1000).describe('what to run for which project'),
  signatures: z
    .array(path('a folder with one YAML file for each signature'))
    .max(20)
    .describe('folders with known troubles of your own, beside the shipped ones')
    .default([]),
  change_sweep: z
    .strictObject({
      every: duration('pause between two looks', { min: '1s', max: '7d' }).default(1_800_000),
      max_age: duration('older patchsets are left alone', { min: '1m', max: '90d' }).default(604_800_000),
      limit: z.int().min(0).max(1000).describe('changes queued by one look; 0: never looks').default(20),
    })
    .describe('search for open changes that should have a result and have none')
    .prefault({}),
  notices: noticesSchema.prefault({}),
  storm_brake: z
    .strictObject({
      failures: z
        .union([z.literal(0), z.int().min(2).max(100)])
        .describe('same failures in a row on different changes that stop reports of a job; 0: never')
        .default(5),
      resume: z
        .enum(['success', 'hand'])
        .describe('what lets reports go on: the next success of the job, or only a person')
        .default('success'),
    })
    .describe('failures that are the same on every change are not reported')
    .prefault({}),
  limits: z
    .strictObject({
      console: size('console kept of one build; the rest is dropped and said so').default(100 * 1024 ** 2),
      artifacts: size('all artifacts of one build together').default(1024 ** 3),
      artifact_files: z.int().min(1).max(1_000_000).describe('artifact files of one build').default(5000),
      unreachable: duration('how long a test server may be out of reach before its build counts as an infra failure', {
        min: '1s',
        max: '24h',
      }).default(600_000),
    })
    .prefault({}),
  log_level: z.enum(['error', 'warn', 'info', 'debug']).describe('what is logged').default('info'),
});

export type Root = z.output<typeof rootSchema>;
export type SectionName = keyof typeof sections;
export type SectionEntry<Name extends SectionName> = z.output<(typeof sections)[Name]>;
