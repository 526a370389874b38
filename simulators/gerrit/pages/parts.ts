import type { Gerrit } from '../gerrit.ts';
import { restTime } from '../query/times.ts';
import { currentPatchset, subject } from '../state/model.ts';
import type { Change, Vote } from '../state/model.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';
import { visible } from './text.ts';

/** Colour, sign and word together: none of them alone is needed to read it. */
export function voteChip(label: string, value: number): Markup {
  const tone = value === 0 ? 'idle' : value > 0 ? 'ok' : 'bad';
  const sign = value === 0 ? '–' : value > 0 ? `+${value}` : `−${-value}`;
  const spoken = value === 0 ? html`<span class="sr">no vote</span>` : undefined;
  return html`<span class="chip ${tone}">${label} <b${value === 0 ? html` aria-hidden="true"` : undefined}>${sign}</b>${spoken}</span>`;
}

export function stateTags(change: Change): Markup {
  const states = [
    change.status === 'NEW' ? 'Active' : change.status === 'MERGED' ? 'Merged' : 'Abandoned',
    ...(change.wip ? ['Work in progress'] : []),
    ...(change.private ? ['Private'] : []),
  ];
  return html`${states.map((state) => html`<span class="tag">${state}</span> `)}`;
}

/** Votes on the newest patchset, in the order of the project's labels. */
export function currentVotes({ accounts }: Gerrit, change: Change): Vote[] {
  const { number } = currentPatchset(change);
  return accounts.labels.flatMap(({ name }) =>
    change.votes.filter(({ label, patchset }) => label === name && patchset === number),
  );
}

export function subjectOfChange(change: Change): Markup {
  return html`<bdi>${visible(subject(change)) || '(no subject)'}</bdi>`;
}

export function accountName({ accounts }: Gerrit, id: number): Markup {
  const { name, username } = accounts.byId(id);
  return html`<bdi>${visible(name, 100) || username}</bdi>`;
}

export function time(seconds: number, end = 19): Markup {
  const text = restTime(seconds);
  return html`<time datetime="${text.slice(0, 19).replace(' ', 'T')}Z">${text.slice(0, end)}</time>`;
}
