import { z } from 'zod';

// clouds.yaml belongs to all OpenStack tools: keys sidegate has no use for are left alone, so these objects are not strict.

const text = z.string().min(1).max(10_000);
/** YAML turns 0123 and 1e5 into other numbers and `no` into false, so only plain whole numbers are taken for text. */
const scalar = z
  .union([z.string().max(10_000), z.bigint()], { error: 'must be text: put it in quotes' })
  .transform(String);
const interfaceName = z
  .string()
  .transform((word) => word.replace(/URL$/, ''))
  .pipe(z.enum(['public', 'internal', 'admin']));
const yesOrNo = z.union([z.boolean(), z.string().transform((word) => word.toLowerCase() === 'true')]);
const seconds = z
  .union([z.number(), z.bigint(), z.string().regex(/^[0-9.]+$/)], { error: 'must be a number of seconds' })
  .transform(Number)
  .pipe(z.number().min(1).max(3600));

/** One cloud as `resolveCloud` gives it: old words replaced, everything for the login below `auth`. */
export const cloudSchema = z.object({
  auth_type: text.describe('password, v3password or v3applicationcredential').optional(),
  auth: z
    .object({
      auth_url: z
        .url({ protocol: /^https?$/, error: 'must be an address such as https://keystone.example.com:5000/v3' })
        .describe('Keystone'),
      username: scalar.optional(),
      user_id: scalar.optional(),
      password: scalar.optional(),
      project_name: scalar.optional(),
      project_id: scalar.optional(),
      user_domain_name: scalar.optional(),
      user_domain_id: scalar.optional(),
      project_domain_name: scalar.optional(),
      project_domain_id: scalar.optional(),
      application_credential_id: scalar.optional(),
      application_credential_name: scalar.optional(),
      application_credential_secret: scalar.optional(),
      trust_id: z.undefined({ error: 'sidegate does not log in by a trust' }).optional(),
      system_scope: z.undefined({ error: 'sidegate needs a token of a project, not of the system' }).optional(),
    })
    .describe('how to log in'),
  region_name: text.optional(),
  interface: interfaceName.describe('public, internal or admin').optional(),
  insecure: yesOrNo.describe('true: certificates are not checked').optional(),
  /** A text is the file of the CA certificates, as the library `requests` has it. */
  verify: z.union([z.boolean(), text]).describe('false: certificates are not checked').optional(),
  cacert: text.describe('file with the CA certificates to trust').optional(),
  cert: z.undefined({ error: 'sidegate does not log in with a client certificate' }).optional(),
  key: z.undefined({ error: 'sidegate does not log in with a client certificate' }).optional(),
  api_timeout: seconds.describe('limit of one request in seconds').optional(),
});

export type CloudEntry = z.output<typeof cloudSchema>;
