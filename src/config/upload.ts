import type { CloudAccess } from '../domain/cloud-access.ts';
import { readCertificate } from './backend-files.ts';
import type { CloudReference } from './clouds-yaml.ts';
import type { UploadAccess } from './configuration.ts';
import type { Context } from './context.ts';
import { below } from './findings.ts';
import type { Place } from './findings.ts';
import { cloudNameOf } from './places.ts';
import { readSecret } from './secrets.ts';
import type { Parts } from './sections.ts';

type Upload = NonNullable<NonNullable<Parts['keys']['logs']>['upload']>;

function placeOf({ source }: Parts): Place {
  return { source, path: ['logs', 'upload'] };
}

/** The cloud that is named for logs. */
export function uploadCloud(parts: Parts): readonly CloudReference[] {
  const swift = parts.keys.logs?.upload?.swift;
  return swift ? [{ name: swift.cloud, region: swift.region, place: below(placeOf(parts), 'swift') }] : [];
}

/** Where logs are uploaded to; undefined: nowhere, or a problem was noted. */
export async function readUpload(
  parts: Parts,
  clouds: readonly CloudAccess[],
  context: Context,
): Promise<UploadAccess | undefined> {
  const { s3, swift } = parts.keys.logs?.upload ?? {};
  if (s3) return await readS3(s3, below(placeOf(parts), 's3'), context);
  if (!swift) return undefined;
  checkDeletion(parts, swift, context);
  const cloud = clouds.find(({ name }) => name === cloudNameOf(swift.cloud, swift.region));
  const { container, prefix } = swift;
  return cloud && { kind: 'swift', cloud, container, prefix, deleteAfter: swift.delete_after };
}

async function readS3(
  { access_key, bucket, ca_file, endpoint, prefix, region, secret_key }: NonNullable<Upload['s3']>,
  place: Place,
  context: Context,
): Promise<UploadAccess | undefined> {
  const accessKey = await readSecret(access_key, below(place, 'access_key'), context);
  const secretKey = await readSecret(secret_key, below(place, 'secret_key'), context);
  const ca = await readCertificate(ca_file, below(place, 'ca_file'), context);
  if (!accessKey || !secretKey) return undefined;
  return { kind: 's3', endpoint, region, bucket, prefix, accessKey, secretKey, ca };
}

/** Logs must not be gone while they are said to be kept. */
function checkDeletion(
  { keys, source }: Parts,
  { delete_after: age }: NonNullable<Upload['swift']>,
  { findings }: Context,
): void {
  const { failed, held, infra, passed } = keys.logs?.retention ?? { failed: 0, held: 0, infra: 0, passed: 0 };
  if (age === undefined || age >= Math.max(failed, held, infra, passed)) return;
  findings.error(
    { source, path: ['logs', 'upload', 'swift', 'delete_after'] },
    'Swift would delete logs that `logs.retention` keeps.',
    'Make it longer than each of these ages, and than any server is held; or leave it out.',
  );
}
