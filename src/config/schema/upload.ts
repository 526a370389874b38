import { z } from 'zod';
import { duration, foreignName, httpUrl, path, secretReference } from './scalars.ts';

const prefix = z
  .string()
  .max(200)
  .regex(/^(?:[A-Za-z0-9._-]+\/)*$/, { error: 'must be names with a `/` behind each, such as sidegate/' })
  .describe('what stands before every name')
  .default('');

const swiftSchema = z.strictObject({
  cloud: foreignName('which cloud of clouds.yaml'),
  region: foreignName('region, where the cloud has several').optional(),
  container: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^/\p{Cc}]+$/u, { error: 'must be the name of a container: no `/`' })
    .describe('which container; it must be there'),
  prefix,
  delete_after: duration('Swift deletes what is so old by itself', { min: '1d', max: '7300d' }).optional(),
});

const s3Schema = z.strictObject({
  endpoint: httpUrl('address of the S3 server'),
  region: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,64}$/, { error: 'must be the name of a region' })
    .describe('region that requests are signed for')
    .default('us-east-1'),
  bucket: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: 'must be the name of a bucket' })
    .describe('which bucket; it must be there'),
  prefix,
  access_key: secretReference('id of the access key'),
  secret_key: secretReference('the secret of that key'),
  ca_file: path('file with the CA certificates to trust, where the server has none of a public one').optional(),
});

/** Where logs go when their build is over. */
export const uploadSchema = z
  .strictObject({
    swift: swiftSchema.describe('a container of OpenStack Swift').optional(),
    s3: s3Schema.describe('a bucket of an S3 server').optional(),
    keep_local: duration('how long the local copy stays after the upload', { min: '0s', max: '3650d' }).default(
      7 * 86_400_000,
    ),
  })
  .refine(({ s3, swift }) => (s3 === undefined) !== (swift === undefined), { error: 'needs either `swift` or `s3`' });
