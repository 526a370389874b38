import { html } from 'hono/html';
import type { FoundTest } from '../../ports/status.ts';
import type { SearchProgress } from '../search-desk.ts';
import { usualBuilds } from '../search-query.ts';
import type { SearchFields } from '../search-query.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { utc } from '../time.ts';
import { emptyLine, testCounts } from './parts.ts';
import { testName } from './tests.ts';

/** Tests by a part of their name, with how they fared. */
export function foundTests({ builds = usualBuilds }: SearchFields, { state, tests }: SearchProgress): Html {
  const none = `None of the newest ${plural(builds, 'build')} that fit ran such a test.`;
  const words = state === 'error' ? 'The search ended; the log of sidegate says why.' : 'They are looked for.';
  return html`<section class="panel" aria-labelledby="h-tests">
    <h2 id="h-tests">Tests</h2>
    <div class="panel-body">
      ${tests === undefined ? emptyLine(words) : tests.length === 0 ? emptyLine(none) : table(tests)}
    </div>
  </section>`;
}

function table(tests: readonly FoundTest[]): Html {
  return html`<table class="rows found-tests">
    <thead>
      <tr>
        <th scope="col">Test</th>
        <th scope="col">Runs</th>
        <th scope="col" class="right">Pass rate</th>
        <th scope="col" class="right">Last failure</th>
      </tr>
    </thead>
    <tbody>
      ${tests.map(
        (test) =>
          html`<tr>
            <td class="test-cell">${link(test)}</td>
            <td>${testCounts(test)}</td>
            <td class="right num">${rate(test)}</td>
            <td class="right">${lastFailure(test)}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function link({ id }: FoundTest): Html {
  const { method, path } = testName(id);
  return html`<a class="mono" href="/test?${new URLSearchParams({ id }).toString()}" title="${visible(id, 600)}"
      >${visible(method, 300)}</a
    ><span class="soft path mono">${visible(path, 300)}</span>`;
}

function rate({ failed, passed }: FoundTest): string {
  const all = passed + failed;
  return all === 0 ? '–' : `${Math.round((passed / all) * 100)} %`;
}

function lastFailure({ lastFailure: last }: FoundTest): Html {
  return last === undefined
    ? html`<span class="soft">none</span>`
    : html`<a class="num" href="/build/${encodeURIComponent(last.build)}">${utc(last.at)}</a>`;
}
