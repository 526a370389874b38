import type { ServerResponse } from 'node:http';
import { changeUrl } from '../events/attributes.ts';
import type { Gerrit } from '../gerrit.ts';
import { runQuery } from '../query/run.ts';
import { restTime } from '../query/times.ts';
import { voteText } from '../state/accounts.ts';
import { currentPatchset, subject } from '../state/model.ts';
import type { Change } from '../state/model.ts';
import { escapeHtml, htmlPage, linkedText } from './html.ts';

const changesShown = 200;

export interface PageCall {
  readonly gerrit: Gerrit;
  readonly path: string;
  readonly response: ServerResponse;
}

/** Pages for people who want to look: the list at `/`, one change at `/c/PROJECT/+/NUMBER`. False for any other path. */
export function page({ gerrit, path, response }: PageCall): boolean {
  const html = path === '/' ? listPage(gerrit) : changePage(gerrit, path);
  if (html === undefined) return false;
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'cache-control': 'no-store',
  };
  response.writeHead(200, headers).end(html);
  return true;
}

function listPage(gerrit: Gerrit): string {
  const { changes, more } = runQuery({ gerrit, viewer: undefined }, '', { start: 0, limit: changesShown });
  const items = changes.map((change) => `<li>${changeHead(gerrit, change)}</li>`);
  const body =
    changes.length === 0 ? '<p>No changes yet. Push one to refs/for/master.</p>' : `<ul>${items.join('')}</ul>`;
  return htmlPage('Changes', `<h1>Simulated Gerrit</h1>${body}${more ? '<p>Older changes are not shown.</p>' : ''}`);
}

function changePage(gerrit: Gerrit, path: string): string | undefined {
  const [, number] = /^\/c\/(?:.+\/\+\/)?(\d{1,9})(?:\/\d+)?\/?$/.exec(path) ?? [];
  const change = number === undefined ? undefined : gerrit.store.byNumber(Number(number));
  if (change === undefined || !gerrit.accounts.mayRead(undefined, change)) return undefined;
  const patchset = currentPatchset(change);
  const messages = change.messages.map(({ authorId, at, message }) => {
    const author = escapeHtml(gerrit.accounts.byId(authorId).name);
    return `<li><div class="meta">${author} · ${time(at)}</div><pre>${linkedText(message)}</pre></li>`;
  });
  const recheck = `curl -u USER:PASSWORD -H 'Content-Type: application/json' -d '{"message":"recheck"}' ${gerrit.url}/a/changes/${change.number}/revisions/current/review`;
  const fetch = `git fetch ${gerrit.url}/${change.project} ${patchset.ref}`;
  const body = [
    `<p><a href="/">All changes</a></p>${changeHead(gerrit, change)}`,
    `<h2>Patch set ${patchset.number}</h2><pre>${linkedText(patchset.message)}</pre>`,
    `<ul>${patchset.files.map(({ path: file, insertions, deletions }) => `<li><code>${escapeHtml(file)}</code> <span class="meta">+${insertions} −${deletions}</span></li>`).join('')}</ul>`,
    `<h2>Messages</h2><ul>${messages.join('')}</ul>`,
    `<h2>By hand</h2><pre><code>${escapeHtml(fetch)}</code></pre><pre><code>${escapeHtml(recheck)}</code></pre>`,
  ];
  return htmlPage(`${change.number}: ${subject(change)}`, body.join(''));
}

function changeHead(gerrit: Gerrit, change: Change): string {
  const href = escapeHtml(changeUrl(gerrit, change).slice(gerrit.url.length));
  const state = [change.status, ...(change.wip ? ['WIP'] : [])].join(', ');
  const owner = gerrit.accounts.byId(change.ownerId).name;
  const place = [change.project, change.branch, ...(change.topic === undefined ? [] : [change.topic])].join(' · ');
  return [
    `<a class="subject" href="${href}">${change.number}: ${escapeHtml(subject(change))}</a>`,
    `<div class="meta">${escapeHtml(place)} · ${escapeHtml(owner)} · ${state} · ${time(change.updatedAt)}</div>`,
    `<div class="votes">${votes(gerrit, change)}</div>`,
  ].join('');
}

function votes(gerrit: Gerrit, change: Change): string {
  const { number } = currentPatchset(change);
  const shown = gerrit.accounts.labels.map(({ name }) => {
    const given = change.votes.filter(({ label, patchset }) => label === name && patchset === number);
    const texts = given.map(({ accountId, value }) => `${voteText(value)} ${gerrit.accounts.byId(accountId).name}`);
    const worst = Math.min(...given.map(({ value }) => value));
    const mood = given.length === 0 ? 'none' : worst < 0 ? 'bad' : 'good';
    return `<span class="${mood}">${escapeHtml(name)} ${escapeHtml(texts.join(', ') || 'no vote')}</span>`;
  });
  return shown.join(' ');
}

function time(seconds: number): string {
  return `${restTime(seconds).slice(0, 16)} UTC`;
}
