import { z } from 'zod';

const vote = z.union([
  z.int(),
  z
    .string()
    .regex(/^[+-]?\d+$/)
    .transform(Number),
]);

const commentInput = z.object({
  line: z.int().min(0).optional(),
  message: z.string().optional(),
  unresolved: z.boolean().optional(),
  in_reply_to: z.string().optional(),
});

/** Gerrit's ReviewInput, as far as it has an effect here. Unknown fields are ignored, as Gerrit does. */
export const reviewInput = z.object({
  message: z.string().nullish(),
  tag: z.string().nullish(),
  labels: z.record(z.string(), vote).nullish(),
  comments: z.record(z.string(), z.array(commentInput)).nullish(),
  reviewers: z
    .array(z.object({ reviewer: z.string(), state: z.enum(['REVIEWER', 'CC']).default('REVIEWER') }))
    .nullish(),
  notify: z.enum(['NONE', 'OWNER', 'OWNER_REVIEWERS', 'ALL']).nullish(),
  omit_duplicate_comments: z.boolean().nullish(),
  on_behalf_of: z.string().nullish(),
});

export type ReviewInput = z.output<typeof reviewInput>;
