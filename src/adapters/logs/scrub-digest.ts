import { createHmac } from 'node:crypto';
import { placeholderLetters } from '../../domain/scrub/rule.ts';
import type { Digest } from '../../domain/scrub/rule.ts';

/** Letters from a keyed hash: without the key nobody can try all addresses until the placeholder fits. */
export function createScrubDigest(key: string): Digest {
  return (identity) => {
    const bytes = createHmac('sha512', `sidegate scrub ${key}`).update(identity).digest();
    return Array.from(bytes, (byte) => placeholderLetters[byte % placeholderLetters.length]).join('');
  };
}
