import { html } from 'hono/html';
import { carryOf } from '../../domain/carry.ts';
import type { Ancestor } from '../../domain/dependencies.ts';
import { patchsetName } from '../../domain/patchset.ts';
import type { BuildDetail } from '../../ports/status.ts';
import { visible, webUrl } from '../text.ts';
import type { Html } from '../text.ts';
import { emptyLine } from './parts.ts';

const maxShown = 100;

/** The changes a build tests beside its own, as they were when it was queued. */
export function dependencyList({ dependencies, job, state }: BuildDetail): Html {
  if (dependencies === undefined) return emptyLine(state === 'done' ? 'Not known.' : 'Gerrit has not told it yet.');
  const { changes, ancestors, ignored } = dependencies;
  const { changes: carried = [], left = [] } = carryOf(dependencies, job) ?? {};
  if (changes.length + ancestors.length + ignored.length + carried.length + left.length === 0)
    return emptyLine('No other change.');
  return html`<ul class="lines">
    ${changes.map((change) => line(change, change.isAbandoned ? 'Depends-On, abandoned' : 'Depends-On'))}
    ${ancestors.slice(0, maxShown).map((one) => line(one, one.isOutdated ? 'below it, outdated' : 'below it'))}
    ${carried.map((one) => line(one, `carried${one.isAbandoned ? ', abandoned' : ''}: ${one.reason}`))}
    ${[...ignored, ...left].map((sentence) => html`<li class="soft">${visible(sentence, 500)}</li>`)}
  </ul>`;
}

function line(change: Omit<Ancestor, 'isOutdated'>, how: string): Html {
  const name = visible(patchsetName(change), 300);
  const url = webUrl(change.url);
  return html`<li>
    <div class="line">
      ${url === undefined ? name : html`<a href="${url}" rel="noreferrer noopener">${name}</a>`}<span class="soft"
        >${how}</span
      >
    </div>
    <div class="line soft"><span class="mono">${visible(change.revision, 40)}</span></div>
  </li>`;
}
