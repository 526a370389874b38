import { z } from 'zod';
import { unchangedKinds } from '../../domain/event.ts';
import { filePresets } from '../../domain/file-rules.ts';
import { cronMistake } from '../../shared/cron.ts';
import { artifactsSchema } from './artifacts.ts';
import { carrySchema } from './carry.ts';
import { duration, foreignName, line, name, scriptSchema } from './scalars.ts';

const phaseSchema = scriptSchema({
  name: name('shown on the status page while it runs'),
  timeout: duration('limit of the phase, within that of the job', { min: '1s', max: '24h' }).optional(),
  attempts: z
    .int()
    .min(1)
    .max(10)
    .describe('tried until it ends well, on the same server; not when it took too long')
    .default(1),
  always: z
    .boolean()
    .describe('true: runs after the others, however they ended, beside the limit of the job; has no part in the result')
    .default(false),
});

function artifact(description: string) {
  return z
    .string()
    .regex(/^(?!\/)(?!.*(?:^|\/)\.\.?(?:\/|$))[^\0\n]{1,200}$/, { error: 'must be a path inside the artifact folder' })
    .describe(description)
    .optional();
}

export const jobSchema = z.strictObject({
  name: name('first word of its line in the comment on Gerrit'),
  parent: name('job whose keys this one has where it does not say otherwise').optional(),
  label: name('kind of test server').optional(),
  backend: name('`shared`, `dedicated`, `any`, or the name of a back end; none: the job needs no z/VM').optional(),
  timeout: duration('limit of the whole job; longer is TIMED_OUT, without a vote', {
    min: '10s',
    max: '24h',
  }).optional(),
  attempts: z
    .int()
    .min(1)
    .max(10)
    .describe('builds tried when infrastructure fails; test failures are never tried again')
    .optional(),
  voting: z.boolean().describe('false: shown in the comment, without a part in the vote').optional(),
  test_results: artifact('subunit v2 file among the artifacts; none: the exit status alone decides'),
  test_results_again: artifact('the same of a second run, of those tests that failed'),
  test_selection: artifact('file among the artifacts with the ids of all tests that are to run, one a line'),
  artifacts: artifactsSchema.optional(),
  environment: z
    .record(
      z.string().regex(/^(?!SIDEGATE_)[A-Za-z_][A-Za-z0-9_]*$/, {
        error: 'must be the name of an environment variable, not of one sidegate sets (SIDEGATE_…)',
      }),
      z.string({ error: 'must be text: put it in quotes (YAML reads 3.10 as 3.1)' }).max(32_768),
    )
    .describe('environment variables of the scripts. The tested change can read them: no secrets')
    .default({}),
  carry: z.array(carrySchema).max(20).describe('changes applied on top of what is tested').optional(),
  phases: z
    .array(phaseSchema)
    .min(1)
    .max(50)
    .describe('shell scripts in order; the first one that fails ends the job')
    .optional(),
});

const recheckName = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/, { error: 'must be one word' })
  .refine((word) => !/^(?:bug|no)$/i.test(word), {
    error: 'is taken: people write `recheck bug 123` and `recheck no bug`',
  })
  .describe('a NAME in `recheck NAME`');

const gerritLabel = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/, { error: 'must be the name of a Gerrit label' });

const plainTriggers = [
  'patchset-created',
  'recheck',
  'change-restored',
  'ready-for-review',
  'made-public',
  'ref-updated',
] as const;
const triggerForms = `${plainTriggers.join(', ')}, {recheck: [NAME, …]}, {approval: {label, value, by}}, or {periodic: TIMES}`;

const cronTimes = z
  .string()
  .max(100)
  .superRefine((text, context) => {
    const mistake = cronMistake(text);
    if (mistake !== undefined) context.addIssue({ code: 'custom', message: mistake });
  });

const triggerSchema = z
  .union(
    [
      z.enum(plainTriggers),
      z.strictObject({ recheck: z.array(recheckName).min(1) }),
      z.strictObject({ periodic: cronTimes.describe('when, as of cron, UTC: the tip of each branch is tested') }),
      z.strictObject({
        approval: z
          .strictObject({
            label: gerritLabel.describe('label, usually Verified'),
            value: z.int().min(-2).max(2).describe('the vote'),
            by: name('user name of the account that votes').default('zuul'),
          })
          .describe('somebody’s vote on the patchset'),
      }),
    ],
    { error: `must be ${triggerForms}; a NAME is one word, not \`bug\` or \`no\`` },
  )
  .describe(triggerForms);

export const pipelineSchema = z.strictObject({
  name: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9_]+$/, {
      error: 'must consist of letters, digits and `_`: with any other name Gerrit’s summary tab drops the whole result',
    })
    .describe('shown in Gerrit’s summary tab'),
  triggers: z.array(triggerSchema).min(1).max(10).describe('what starts it'),
  vote: z
    .strictObject({
      label: gerritLabel.describe('label, usually Verified'),
      success: z.int().min(0).max(2).describe('value when all voting jobs succeed'),
      failure: z.int().min(-2).max(0).describe('value when tests of a voting job fail; 0: a person says no'),
    })
    .refine((vote) => vote.success !== 0 || vote.failure !== 0, {
      error: 'has only zeros: leave it out to comment without a vote',
    })
    .describe('vote beside the comment; none: comment only, the way to begin. Infrastructure failures never vote')
    .optional(),
  report: z
    .enum(['comment', 'silent'])
    .describe('silent: everything but posting, to run beside another CI and compare')
    .default('comment'),
  priority: z.int().min(-1000).max(1000).describe('higher goes first when servers or slots are short').default(0),
});

function patterns(description: string) {
  return z.array(foreignName('a name or a pattern with `*`')).min(1).max(100).describe(description).optional();
}

export const projectSchema = z.strictObject({
  gerrit: name('name of the Gerrit'),
  project: foreignName('name of the project, or a pattern with `*`'),
  branches: z
    .array(foreignName('a branch or a pattern with `*`'))
    .min(1)
    .describe('branches, or patterns with `*`; with `!` before it, what is left out')
    .default(['master']),
  owners: patterns('user names of owners whose changes are tested; none: everybody’s'),
  topics: patterns('topics that are tested; none: any, or no topic'),
  hashtags: patterns('hashtags of which a change must have one; none: no matter'),
  work_in_progress: z
    .boolean()
    .describe('false: work in progress is tested only when somebody asks for it by a recheck')
    .default(true),
  private: z.boolean().describe('false: private changes are not tested').default(true),
  votes: z
    .enum(['none', 'positive', 'confirm', 'full'])
    .describe('none: comment only; positive: no bad votes; confirm: a bad vote waits for a person; full: all of them')
    .default('full'),
  files: patterns('files of which a change must touch one; none: no matter'),
  skip_when_only: z
    .array(
      // A mistyped preset would be taken for a file that no patchset touches, and skip nothing.
      foreignName('a name of a preset, a file or a pattern with `*`').refine(
        (text) => Object.hasOwn(filePresets, text) || !/^[a-z-]+$/.test(text),
        { error: `is no preset; presets: ${Object.keys(filePresets).join(', ')}. A file of that name is \`NAME*\`` },
      ),
    )
    .min(1)
    .max(100)
    .describe(`nothing is run when all files match; presets: ${Object.keys(filePresets).join(', ')}`)
    .optional(),
  urgent: z
    .strictObject({
      files: z.array(foreignName('a file or a pattern with `*`')).min(1).max(100).describe('files that make it urgent'),
      raise: z.int().min(1).max(1000).describe('added to the priority of the pipeline').default(100),
    })
    .describe('changes that go first')
    .optional(),
  keep_verdict: z
    .array(z.enum(unchangedKinds))
    .min(1)
    .describe('kinds of new patchsets that are not run where the one before has its result; none: all are run')
    .optional(),
  pipelines: z
    .record(z.string().max(64), z.array(name('name of a job')).min(1))
    .describe('per pipeline the jobs to run')
    .refine((pipelines) => Object.keys(pipelines).length > 0, { error: 'names no pipeline' }),
});

export const ciName = line('full name of the Gerrit account, `Organization Product CI`')
  .refine((text) => text.endsWith(' CI'), { error: 'must end with " CI": Gerrit’s summary tab recognises a CI by it' })
  .refine((text) => !/^zuul/i.test(text), {
    error: 'must not start with Zuul: the summary tab would take it for Zuul itself',
  });
