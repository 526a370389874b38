import { html } from 'hono/html';
import { isTextName } from '../log-types.ts';
import { bytes, pathTo, plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { utc } from '../time.ts';

export interface ListedEntry {
  readonly name: string;
  readonly folder: boolean;
  readonly size: number;
  /** Undefined: nobody knows. */
  readonly modified: string | undefined;
}

/** What lies on each level, so that a reader finds a build without its link. */
const levels = [
  'By the last two digits of the change number',
  'By change number',
  'By patchset',
  'By pipeline',
  'By job',
  'By build',
];

/** A branch's builds lie below its commits. */
const commitLevels = ['By commit', 'By commit', 'By pipeline', 'By job', 'By build'];

export function folderSummary(names: readonly string[], count: number): Html {
  const entries = plural(count, 'entry', 'entries');
  return html`<span class="soft">${levelsOf(names)[names.length] ?? 'Files of one build'}, ${entries}</span>`;
}

function levelsOf([, second = '']: readonly string[]): readonly string[] {
  return /^[0-9a-f]{40}$/.test(second) ? commitLevels : levels;
}

/** One folder of the logs. `names` is the way to it. */
export function listingBody(names: readonly string[], entries: readonly ListedEntry[], cut: boolean): Html {
  return html`<h1 class="crumbs mono">${crumbs(names)}</h1>
    <section class="panel" aria-label="Files">
      <table class="rows listing">
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col" class="right">Size</th>
            <th scope="col" class="right">Changed</th>
          </tr>
        </thead>
        <tbody>
          ${
            names.length === 0
              ? html``
              : html`<tr>
                  <td class="mono"><a href="${folderUrl(names.slice(0, -1))}">..</a></td>
                  <td></td>
                  <td></td>
                </tr>`
          }
          ${entries.map((entry) => row(names, entry))}
        </tbody>
      </table>
      ${entries.length === 0 ? html`<p class="empty">This folder is empty.</p>` : html``}
      ${cut ? html`<p class="soft">There are more; only the first ${entries.length} are shown.</p>` : html``}
    </section>`;
}

function crumbs(names: readonly string[]): Html {
  return html`<a href="/logs/">logs</a> /
    ${names.map((name, index) => html`<a href="${folderUrl(names.slice(0, index + 1))}">${visible(name, 255)}</a> / `)}`;
}

function row(names: readonly string[], entry: ListedEntry): Html {
  const base =
    entry.folder || !isTextName(entry.name) ? folderUrl(names) : folderUrl(names).replace('/logs/', '/view/');
  const href = base + encodeURIComponent(entry.name) + (entry.folder ? '/' : '');
  return html`<tr>
    <td class="mono"><a href="${href}">${visible(entry.name, 255)}${entry.folder ? '/' : ''}</a></td>
    <td class="right num">${entry.folder ? '' : bytes(entry.size)}</td>
    <td class="right num soft">${entry.modified === undefined ? '' : utc(entry.modified)}</td>
  </tr>`;
}

export function folderUrl(names: readonly string[]): string {
  return names.length === 0 ? '/logs/' : `/logs/${pathTo(names.join('/'))}/`;
}
