import { z } from 'zod';
import { errorText } from '../../domain/errors.ts';
import { notChecked } from '../../domain/finding.ts';
import type { Finding } from '../../domain/finding.ts';
import { freeText } from './fields.ts';
import type { GerritRest } from './rest.ts';

const groups = z.array(z.object({ id: freeText(255), name: freeText(255).default('') })).max(10_000);
/** What an account may not do is left out, not false. */
const capabilities = z.object({ administrateServer: z.boolean().default(false) });
const shownGroups = 20;

/** What the account may do beside the rights on projects: groups give all of it. */
export async function checkRights(rest: GerritRest): Promise<readonly Finding[]> {
  return [await checkGroups(rest), await checkServer(rest)];
}

/** No group is needed everywhere, so none is missed here: whoever looks for the reason of a missing right sees them. */
async function checkGroups(rest: GerritRest): Promise<Finding> {
  const what = 'groups of the account';
  try {
    const found = await rest.get('/accounts/self/groups', groups);
    // Everybody is in these.
    const own = found
      .filter(({ id }) => !/^global(?::|%3A)/.test(id))
      .map(({ name }) => name)
      .toSorted();
    const names = own.slice(0, shownGroups).join(', ') + (own.length > shownGroups ? ', …' : '');
    return { ok: true, what, detail: own.length === 0 ? 'it is in none' : `it is in ${names}`, todo: '' };
  } catch (error) {
    return notChecked(what, errorText(error));
  }
}

/** Its key lies on a machine that runs foreign code. */
async function checkServer(rest: GerritRest): Promise<Finding> {
  const what = 'rights on the server';
  try {
    const { administrateServer } = await rest.get('/accounts/self/capabilities', capabilities);
    if (!administrateServer) return { ok: true, what, detail: 'it does not administrate it', todo: '' };
    const todo = 'Take the account out of the group of administrators.';
    return { ok: false, what, detail: 'it administrates Gerrit', todo };
  } catch (error) {
    return notChecked(what, errorText(error));
  }
}
