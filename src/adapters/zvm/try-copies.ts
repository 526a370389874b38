import { notChecked } from '../../domain/finding.ts';
import type { Finding } from '../../domain/finding.ts';
import { createFeilongClient } from './client.ts';
import type { FeilongOptions } from './client.ts';
import { tryCall } from './try-call.ts';

export interface CopiedWorker {
  readonly user: string;
  readonly address: string;
  /** A file on the worker that is an image by its first bytes, and where Feilong may write one. */
  readonly image: string;
  readonly copy: string;
}

const keys =
  'Put Feilong’s public key into authorized_keys of that user, in the job or in the image of the label, and open port 22 to Feilong: docs/zvm-backends.md.';

/** Has Feilong copy an image from the worker, and back: it does both with scp, as nova asks for them. */
export async function tryCopies(
  options: FeilongOptions,
  name: string,
  { address, copy, image, user }: CopiedWorker,
): Promise<readonly Finding[]> {
  const client = createFeilongClient(options);
  const host = `${user}@${address}`;
  const import_ = await tryCall(
    `Feilong copies from ${host}`,
    () =>
      client.post('/images', {
        image: {
          image_name: name,
          url: `file://${image}`,
          image_meta: { os_version: 'rhel7.2' },
          remote_host: host,
        },
      }),
    keys,
  );
  if (!import_.ok) return [import_, notChecked(`Feilong copies to ${host}`, 'it has no image to copy')];
  const export_ = await tryCall(
    `Feilong copies to ${host}`,
    () => client.put(`/images/${name}`, { location: { dest_url: `file://${copy}`, remote_host: host } }),
    keys,
  );
  const gone = await tryCall('the image that was tried is deleted', () => client.delete(`/images/${name}`));
  return [import_, export_, gone];
}
