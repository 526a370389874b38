import { html } from 'hono/html';
import type { MissingCounts } from '../../domain/results/missing-summary.ts';
import type { BuildDetail } from '../../ports/status.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { testNameLabel } from './test-name.ts';

/** What should have run and did not, folded. */
export function missingTests({ missingTests: missing }: BuildDetail): Html {
  const { last, selected } = missing ?? {};
  return html`${selected === undefined ? html`` : folded(selected, missingWords(selected, 'selected test'), html``)}
  ${
    last === undefined
      ? html``
      : folded(
          last,
          `${missingWords(last, 'test')} that the last build ran`,
          html`<p class="soft">
            <a href="/build/${encodeURIComponent(last.build)}">The last build</a> of this job on the branch ran them.
          </p>`,
        )
  }`;
}

function missingWords({ missing }: MissingCounts, one: string): string {
  return `${plural(missing, one)} did not run`;
}

function folded({ hidden, missing, tests }: MissingCounts, title: string, note: Html): Html {
  if (missing === 0) return html``;
  const named = tests.length < missing ? html`<p class="soft">The first ${tests.length}:</p>` : html``;
  return html`<details class="fold missing">
    <summary>${title}${hidden > 0 ? `, ${hidden === missing ? 'all' : hidden} hidden by a failure` : ''}</summary>
    ${note} ${named}
    <ul class="names">
      ${tests.map(({ hiddenBy, id }) => html`<li><span class="line">${testNameLabel(id)}</span><span class="reason">${hiddenBy === undefined ? 'Nothing says why.' : html`Hidden by ${visible(hiddenBy, 300)}`}</span></li>`)}
    </ul>
  </details>`;
}
