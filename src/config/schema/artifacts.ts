import { z } from 'zod';
import { maxArtifactSize } from '../../domain/artifacts.ts';
import { size } from './scalars.ts';

/** Names with blanks and the like cannot be published anyway. */
const patternShape = /^\/?(?:[\w.+@=,~%*-]+\/)*[\w.+@=,~%*-]*$/;
const searchable = /^\/(?!(?:proc|sys|dev)(?:\/|$))[^*/]+(?:\/|$)/;

const pattern = z
  .string()
  .min(1)
  .max(200)
  .regex(patternShape, {
    error: 'must be a path with `*` for any characters of a name and `**` for any folders, without blanks and quotes',
  })
  .refine((path) => !path.split('/').includes('..') && !path.split('/').includes('.'), { error: 'must not hold `..`' })
  .refine((path) => !path.startsWith('/') || searchable.test(path), {
    error: 'must name a folder before its first `*`, and not /proc, /sys or /dev',
  });

/** `artifacts` of a job. */
export const artifactsSchema = z
  .array(
    z
      .strictObject({
        paths: z
          .array(pattern)
          .min(1)
          .max(50)
          .describe('files of the artifact folder, or with `/` before it anywhere on the test server'),
        max_size: size('of each file; of a longer text its end is kept')
          .refine((bytes) => bytes <= maxArtifactSize, { error: 'must be at most 64MiB' })
          .default(maxArtifactSize),
        when: z
          .enum(['always', 'failure', 'success', 'never'])
          .describe('failure: the job or one of its tests failed')
          .default('always'),
        to: z
          .string()
          .max(200)
          .regex(/^[\w+@=,~%-][\w.+@=,~%-]*(?:\/[\w+@=,~%-][\w.+@=,~%-]*)*$/, {
            error: 'must be a folder such as controller/logs',
          })
          .describe('folder of the logs for files from elsewhere; `controller/logs` where it says none')
          .optional(),
      })
      .refine(({ paths, to }) => to === undefined || paths.every((path) => path.startsWith('/')), {
        path: ['to'],
        error: 'is for files from elsewhere: those of the artifact folder stay where they are in it',
      }),
  )
  .min(1)
  .max(50)
  .describe('which files are published; the first rule that matches decides');
