import { html } from 'hono/html';
import { suggestSignature } from '../../domain/log-search/suggest-signature.ts';
import type { SearchProgress } from '../search-desk.ts';
import type { SearchQuery } from '../search-query.ts';
import { visibleLines } from '../text.ts';
import type { Html } from '../text.ts';

/** Fewer builds that passed say little of whether a text stands in those too. */
const enoughPassed = 10;

/** What was found only where builds failed may be worth a signature. */
export function signatureHint({ pattern }: SearchQuery, { found, holding, looked }: SearchProgress): Html {
  if (pattern === undefined || holding.failed === 0 || holding.passed > 0) return html``;
  const logs = found.flatMap((build) => build.logs);
  const yaml = suggestSignature({
    pattern: pattern.text,
    logs: logs.map(({ name }) => name),
    example: logs[0]?.lines[0]?.text,
  });
  const doubt =
    looked.passed >= enoughPassed
      ? html``
      : html` Only ${looked.passed} that passed were looked through: too few to be sure.`;
  return html`<details class="hint">
    <summary>No build that passed holds it: this may become a signature</summary>
    <p>
      Builds that show it will name the cause.${doubt} Save it as a file in a folder that <code>signatures</code> in
      sidegate.yaml names, fill in the first three lines, and try it on older builds with
      <code>sidegate signatures test</code>.
    </p>
    <pre tabindex="0" aria-label="A signature to begin with">${visibleLines(yaml)}</pre>
  </details>`;
}
