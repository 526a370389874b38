import { html } from 'hono/html';
import type { Proof, ProvedCommit, ProvedPlace } from '../../domain/proof.ts';
import type { BuildDetail } from '../../ports/status.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { chip, emptyLine, factList } from './parts.ts';

/** What was really tested: commits, driver, guests. */
export function proofPanel(build: BuildDetail): Html {
  const { proof, state } = build;
  if (proof === undefined)
    return emptyLine(state === 'done' ? 'Nothing is known of it.' : 'It is drawn up when the job has ended.');
  return html`<ul class="lines">
      ${proof.commits.map(commitLine)}
    </ul>
    ${noGuest(build, proof)}
    ${factList('list', [
      ['Driver in nova.conf', word(proof.driver.configured)],
      ['Driver that nova loaded', word(proof.driver.loaded)],
      ['Guests on z/VM', guests(proof)],
    ])}
    <p class="soft">
      Commits and driver are what the test server says: proof against mistakes, not against a change that means to
      deceive. Guests are counted by the guard.
    </p>`;
}

const roles = { tested: 'under test', dependency: 'Depends-On', carried: 'carried' } as const;

function commitLine({ commit, name, places, role }: ProvedCommit): Html {
  return html`<li>
    <div class="line">${visible(name, 300)}<span class="soft">${roles[role]}</span></div>
    <div class="line">
      <span class="mono" title="${visible(commit, 40)}">${visible(commit.slice(0, 12), 12)}</span>${
        places.length === 0 ? html`<span class="soft">the job did not say what it checked out</span>` : ''
      }
    </div>
    ${places.map(placeLine)}
  </li>`;
}

function placeLine({ folder, head, state }: ProvedPlace): Html {
  return html`<div class="line">
    ${mark(state)}<span class="soft"
      ><span class="mono">${visible(folder, 300)}</span> is on
      <span class="mono" title="${visible(head, 40)}">${visible(head.slice(0, 12), 12)}</span></span
    >
  </div>`;
}

function mark(state: ProvedPlace['state']): Html {
  switch (state) {
    case 'contained':
      return chip('ok', '✓ checked out');
    case 'missing':
      return chip('bad', '✗ not checked out');
    case 'other-branch':
      return chip('idle', 'on another branch');
  }
}

/** Tests of the API alone pass without any. */
function noGuest({ result, tests }: BuildDetail, { guests: made }: Proof): Html {
  if (made === undefined || made.created > 0 || result !== 'SUCCESS' || (tests?.passed ?? 0) === 0) return html``;
  return html`<p class="closed warn">
    <b>No guest was made on z/VM,</b> though ${plural(tests?.passed ?? 0, 'test')} passed.
  </p>`;
}

function guests({ guests: made }: Proof): Html | string {
  if (made === undefined) return html`<span class="soft">not counted</span>`;
  return `${made.created} created, ${made.deployed} deployed, ${made.started} started, ${made.deleted} deleted`;
}

function word(driver: string | undefined): Html {
  return driver === undefined
    ? html`<span class="soft">not collected</span>`
    : html`<span class="mono">${visible(driver, 200)}</span>`;
}
