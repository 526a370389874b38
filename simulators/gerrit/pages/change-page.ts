import type { Gerrit } from '../gerrit.ts';
import { currentPatchset, subject } from '../state/model.ts';
import type { Change, FileChange, Patchset } from '../state/model.ts';
import { html, linkedText } from './html.ts';
import type { Markup } from './html.ts';
import { layout } from './layout.ts';
import { messageCards } from './messages.ts';
import { accountName, currentVotes, stateTags, subjectOfChange, time, voteChip } from './parts.ts';
import { visible } from './text.ts';

const patchsetsShown = 20;
const filesShown = 200;

export function changePage(gerrit: Gerrit, change: Change): string {
  const patchset = currentPatchset(change);
  const body = html`<nav aria-label="Breadcrumb"><a href="/">All changes</a></nav>
    ${head(gerrit, change)}
    <div class="columns">
      <div class="wide">
        <section class="panel">
          <h2>Commit message</h2>
          <pre>${linkedText(patchset.message.trimEnd())}</pre>
        </section>
        <section class="bare">
          <h2>Messages</h2>
          ${messageCards(gerrit, change)}
        </section>
      </div>
      <div class="narrow">
        <section class="panel given-votes">
          <h2>Votes</h2>
          ${votes(gerrit, change)}
        </section>
        ${change.status === 'NEW' ? recheck(change) : undefined}
        <section class="panel">
          <h2>Patch sets</h2>
          ${patchsets(gerrit, change)}
        </section>
        <section class="panel">
          <h2>Files</h2>
          ${files(patchset.files)}
        </section>
      </div>
    </div>`;
  return layout(`${change.number}: ${subject(change)}`, body);
}

function head(gerrit: Gerrit, change: Change): Markup {
  const topic =
    change.topic === undefined ? undefined : html`<span>topic <bdi>${visible(change.topic, 100)}</bdi></span>`;
  return html`<div class="head">
    <h1><span class="number">${change.number}</span> ${subjectOfChange(change)}</h1>
    <p class="meta">
      ${stateTags(change)}<span>${change.project}</span><span>${change.branch}</span>${topic}<span
        >by ${accountName(gerrit, change.ownerId)}</span
      ><span>updated ${time(change.updatedAt)}</span>
    </p>
  </div>`;
}

function votes(gerrit: Gerrit, change: Change): Markup {
  const given = currentVotes(gerrit, change);
  const labels = gerrit.accounts.labels.map(({ name }) => {
    const ofLabel = given.filter(({ label }) => label === name);
    if (ofLabel.length === 0) return html`<li>${voteChip(name, 0)}</li>`;
    return ofLabel.map(
      ({ value, accountId }) => html`<li>${voteChip(name, value)} <span>${accountName(gerrit, accountId)}</span></li>`,
    );
  });
  return html`<ul class="given">
    ${labels}
  </ul>`;
}

function recheck({ number }: Change): Markup {
  return html`<section class="panel">
    <h2>Another run</h2>
    <pre class="command">npm start -- --recheck ${number}</pre>
    <p class="note">posts a “recheck” on this change in the sample.</p>
  </section>`;
}

function patchsets(gerrit: Gerrit, change: Change): Markup {
  const newest = change.patchsets.slice(-patchsetsShown).toReversed();
  return html`<ol class="patchsets">
      ${newest.map((patchset) => patchsetItem(gerrit, change, patchset))}
    </ol>
    ${leftOut(change.patchsets.length - newest.length, 'older')}`;
}

function patchsetItem(gerrit: Gerrit, { project }: Change, patchset: Patchset): Markup {
  const { number, revision, uploaderId, createdAt, ref } = patchset;
  return html`<li>
    <p><b>${number}</b> <code title="${revision}">${revision.slice(0, 10)}</code></p>
    <p class="note">${accountName(gerrit, uploaderId)}, ${time(createdAt)}</p>
    <pre class="command">git fetch ${gerrit.url}/${project} ${ref}</pre>
  </li>`;
}

function files(changed: readonly FileChange[]): Markup {
  if (changed.length === 0) return html`<p class="note">None.</p>`;
  const items = changed.slice(0, filesShown).map(
    ({ path, insertions, deletions }) =>
      html`<li>
        <code><bdi>${visible(path)}</bdi></code>
        <span class="size"><span class="added">+${insertions}</span> <span class="gone">−${deletions}</span></span>
      </li>`,
  );
  return html`<ul class="files">
      ${items}
    </ul>
    ${leftOut(changed.length - items.length, 'more')}`;
}

function leftOut(count: number, which: string): Markup | undefined {
  return count > 0 ? html`<p class="note">${count} ${which} not shown.</p>` : undefined;
}
