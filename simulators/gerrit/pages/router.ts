import type { ServerResponse } from 'node:http';
import type { Gerrit } from '../gerrit.ts';
import { changeList } from './change-list.ts';
import { changePage } from './change-page.ts';
import { pageHeaders } from './layout.ts';

export interface PageCall {
  readonly gerrit: Gerrit;
  readonly path: string;
  readonly response: ServerResponse;
}

/** Pages for people who want to look: the list at `/`, one change at `/c/PROJECT/+/NUMBER`. False for any other path. */
export function page({ gerrit, path, response }: PageCall): boolean {
  const text = path === '/' ? changeList(gerrit) : pageOfChange(gerrit, path);
  if (text === undefined) return false;
  response.writeHead(200, pageHeaders).end(text);
  return true;
}

function pageOfChange(gerrit: Gerrit, path: string): string | undefined {
  const [, number] = /^\/c\/(?:.+\/\+\/)?(\d{1,9})(?:\/\d+)?\/?$/.exec(path) ?? [];
  const change = number === undefined ? undefined : gerrit.store.byNumber(Number(number));
  if (change === undefined || !gerrit.accounts.mayRead(undefined, change)) return undefined;
  return changePage(gerrit, change);
}
