import { labGerrit } from './gerrit/lab-gerrit.ts';

/** Lab tests skip themselves where there is no Gerrit; here none may. */
export function setup(): void {
  if (!labGerrit()) throw new Error('GERRIT_LAB is not set: run `npm run test:lab`.');
}
