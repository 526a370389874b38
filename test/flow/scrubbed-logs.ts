import { createDirectoryArchive } from '../../src/adapters/logs/directory-archive.ts';
import { createScrubDigest } from '../../src/adapters/logs/scrub-digest.ts';
import { createScrubbedArchive } from '../../src/adapters/logs/scrubbed-archive.ts';
import { createScrubLines } from '../../src/domain/scrub/scrubber.ts';
import type { ScrubRuleSettings } from '../../src/domain/scrub/scrubber.ts';

/** The archive of the service in a folder of a test, and what is hidden in it. */
export function scrubbedLogs(
  directory: string,
  secrets: readonly string[] = [],
  rules: readonly ScrubRuleSettings[] = [],
) {
  const scrub = createScrubLines({ without: [], rules }, secrets, createScrubDigest('test'));
  return createScrubbedArchive(createDirectoryArchive(directory), scrub);
}
