import type { Gerrit } from '../gerrit.ts';
import type { Account } from '../state/model.ts';
import { accountInfo } from './accounts.ts';
import type { ChangeOption } from './options.ts';

/** Who looks at a change, and how closely. */
export interface View {
  readonly gerrit: Gerrit;
  readonly viewer: Account | undefined;
  readonly options: ReadonlySet<ChangeOption>;
}

export function person({ gerrit, options }: View, id: number) {
  return accountInfo(gerrit.accounts.byId(id), options.has('DETAILED_ACCOUNTS'));
}
