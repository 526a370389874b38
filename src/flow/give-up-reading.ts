import type { errorCode } from '../domain/errors.ts';

/** After this many tries, two minutes, an answer that waiting seldom mends counts. */
export const enoughTries = 7;
/** Such answers. */
export const finalCodes: ReadonlySet<ReturnType<typeof errorCode>> = new Set([
  'not-found',
  'gerrit-refused',
  'input-too-large',
]);
