import { z } from 'zod';
import { httpUrl, name } from './scalars.ts';

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
