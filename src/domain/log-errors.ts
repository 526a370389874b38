import { entry } from './catalogue-entry.ts';
import type { CatalogueEntry } from './catalogue-entry.ts';

/** The part of the catalogue that is about keeping logs. */
export const logErrors = {
  'logs-expired-early': entry(
    'Logs were deleted earlier than OpenStack asks, because the disk was full.',
    'Give `logs.directory` a larger disk, or lower `limits.artifacts`.',
    false,
  ),
  'logs-disk-full': entry(
    'The disk of the logs is fuller than wanted, and no logs are left that may be deleted.',
    'Find out what else fills the disk of `logs.directory`.',
    false,
  ),
  'object-store-unreachable': entry(
    'The object store for logs did not answer, or had an error of its own.',
    'Check `logs.upload` and the network to it. Logs stay in `logs.directory`; sidegate tries again.',
    true,
  ),
  'object-store-refused': entry(
    'The object store for logs refused a request.',
    'Read the detail; check `logs.upload` with `sidegate doctor`. Logs stay in `logs.directory`.',
    false,
  ),
  'uploads-behind': entry(
    'Logs of builds have waited for hours to be uploaded.',
    'See why in the text; `sidegate doctor` tries the object store.',
    true,
  ),
} as const satisfies Record<string, CatalogueEntry>;
