import { html } from 'hono/html';
import { mostBuilds, usualBuilds } from '../search-query.ts';
import type { SearchFields } from '../search-query.ts';
import { visible } from '../text.ts';
import type { Html } from '../text.ts';

/** Everything a search can be narrowed by; works without script. */
export function searchForm(fields: SearchFields): Html {
  return html`<form class="search-form panel" action="/search" method="get" role="search">
    ${input(fields, 'text', 'Text in logs', { hint: 'Exhausted all hosts available', mono: true })}
    <div class="field check">
      <label
        ><input type="checkbox" name="regex" value="1" ${fields.regex === '1' ? 'checked' : ''} /> Regular
        expression</label
      >
    </div>
    ${input(fields, 'logs', 'Only in logs', { hint: '*n-cpu*', mono: true })}
    ${input(fields, 'test', 'Part of the name of a test', { hint: 'test_resize_server', mono: true })}
    ${input(fields, 'job', 'Job')} ${input(fields, 'pipeline', 'Pipeline')}
    ${input(fields, 'project', 'Project', { hint: 'openstack/nova' })}
    ${input(fields, 'branch', 'Branch', { hint: 'master' })}
    ${input(fields, 'from', 'From day', { hint: '2026-11-01' })}
    ${input(fields, 'before', 'Before day', { hint: '2026-12-01' })}
    ${input(fields, 'builds', `Newest builds, at most ${mostBuilds}`, { hint: String(usualBuilds) })}
    ${fields.build === undefined ? html`` : input(fields, 'build', 'Only in build', { mono: true })}
    <div class="buttons"><button>Search</button><a href="/search">Clear</a></div>
  </form>`;
}

function input(
  fields: SearchFields,
  name: keyof SearchFields,
  words: string,
  { hint = '', mono = false }: { readonly hint?: string; readonly mono?: boolean } = {},
): Html {
  const value = fields[name];
  return html`<div class="field f-${name}">
    <label for="s-${name}">${words}</label
    ><input
      id="s-${name}"
      name="${name}"
      value="${value === undefined ? '' : visible(String(value), 250)}"
      maxlength="200"
      placeholder="${hint}"
      autocomplete="off"
      spellcheck="false"
      class="${mono ? 'mono' : ''}"
    />
  </div>`;
}
