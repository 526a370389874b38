import { z } from 'zod';

// clouds.yaml belongs to all OpenStack tools: keys sidegate has no use for are left alone, so these objects are not strict.

const text = z.string().min(1).max(10_000);
const scalar = z.union([text, z.number(), z.boolean()]).transform(String);
const interfaceName = z
  .string()
  .transform((word) => word.replace(/URL$/, ''))
  .pipe(z.enum(['public', 'internal', 'admin']));

export const cloudSchema = z.object({
  auth_type: text.describe('password, v3password or v3applicationcredential').optional(),
  auth: z
    .object({
      auth_url: z
        .url({ protocol: /^https?$/, error: 'must be an address such as https://keystone.example.com:5000/v3' })
        .describe('Keystone'),
      username: scalar.optional(),
      password: scalar.optional(),
      project_name: scalar.optional(),
      tenant_name: scalar.optional(),
      user_domain_name: text.optional(),
      user_domain_id: text.optional(),
      project_domain_name: text.optional(),
      project_domain_id: text.optional(),
      application_credential_id: text.optional(),
      application_credential_name: text.optional(),
      application_credential_secret: scalar.optional(),
    })
    .describe('how to log in'),
  region_name: text.optional(),
  regions: z.array(z.union([text, z.object({ name: text })])).optional(),
  interface: interfaceName.describe('public, internal or admin').optional(),
  endpoint_type: interfaceName.describe('public, internal or admin').optional(),
  verify: z.boolean().describe('false: certificates are not checked').optional(),
  cacert: text.describe('file with the CA certificates to trust').optional(),
  api_timeout: z.number().min(1).max(3600).describe('limit of one request in seconds').optional(),
});

export type CloudEntry = z.output<typeof cloudSchema>;
