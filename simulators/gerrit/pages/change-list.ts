import { changeUrl } from '../events/attributes.ts';
import type { Gerrit } from '../gerrit.ts';
import { runQuery } from '../query/run.ts';
import type { Change, Vote } from '../state/model.ts';
import { html } from './html.ts';
import type { Markup } from './html.ts';
import { layout } from './layout.ts';
import { accountName, currentVotes, stateTags, subjectOfChange, time, voteChip } from './parts.ts';
import { visible } from './text.ts';

const changesShown = 200;
const toTheMinute = 16;
/** The vote that is asked of a CI: its absence is worth a word. */
const ciLabel = 'Verified';

export function changeList(gerrit: Gerrit): string {
  const { changes, more } = runQuery({ gerrit, viewer: undefined }, '', { start: 0, limit: changesShown });
  const content = changes.length === 0 ? nothing() : table(gerrit, changes);
  const note = more ? html`<p class="note">Only the ${changesShown} changes updated last are shown.</p>` : undefined;
  return layout(
    'Changes',
    html`<h1>Changes</h1>
      <section class="panel">${content}${note}</section>`,
  );
}

function nothing(): Markup {
  return html`<p class="note">No changes yet. A push to <code>refs/for/BRANCH</code> makes one.</p>`;
}

function table(gerrit: Gerrit, changes: readonly Change[]): Markup {
  return html`<table class="changes">
    <thead>
      <tr>
        <th>Number</th>
        <th>Subject</th>
        <th>Project and branch</th>
        <th>Owner</th>
        <th>Updated</th>
        <th>Votes</th>
      </tr>
    </thead>
    <tbody>
      ${changes.map((change) => row(gerrit, change))}
    </tbody>
  </table>`;
}

function row(gerrit: Gerrit, change: Change): Markup {
  const path = changeUrl(gerrit, change).slice(gerrit.url.length);
  const active = change.status === 'NEW' && !change.wip && !change.private;
  const topic = change.topic === undefined ? undefined : html` · <bdi>${visible(change.topic, 100)}</bdi>`;
  return html`<tr>
    <td class="number">${change.number}</td>
    <td class="subject"><a href="${path}">${subjectOfChange(change)}</a> ${active ? undefined : stateTags(change)}</td>
    <td class="place">${change.project} <span class="branch">${change.branch}${topic}</span></td>
    <td class="owner">${accountName(gerrit, change.ownerId)}</td>
    <td class="updated">${time(change.updatedAt, toTheMinute)}</td>
    <td class="votes">${chips(gerrit, currentVotes(gerrit, change))}</td>
  </tr> `;
}

/** One chip for each vote that differs; who gave it is on the change's page. */
function chips({ accounts }: Gerrit, votes: readonly Vote[]): Markup {
  const shown = accounts.labels.flatMap(({ name }) => {
    const values = new Set(votes.filter(({ label }) => label === name).map(({ value }) => value));
    const sorted = [...values].toSorted((left, right) => left - right);
    if (sorted.length === 0) return name === ciLabel ? [voteChip(name, 0)] : [];
    return sorted.map((value) => voteChip(name, value));
  });
  return html`<span class="chips">${shown}</span>`;
}
