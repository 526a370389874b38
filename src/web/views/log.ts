import { html } from 'hono/html';
import { consoleHtml } from '../console-text.ts';
import { severities } from '../log-lines.ts';
import type { LogViewQuery, TimeSpan } from '../query.ts';
import type { LogPage, ShownLine } from '../read-log-page.ts';
import { searchOtherRuns } from '../search-links.ts';
import { bytes, pathTo, plural, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { folderUrl } from './listing.ts';

export interface ShownLog {
  readonly names: readonly string[];
  readonly query: LogViewQuery;
  readonly page: LogPage;
  /** Bytes of the file. */
  readonly size: number;
  /** How many it has; undefined: that is not known yet. */
  readonly lines: number | undefined;
}

const stamp = /^\S+(?: {1,2}\d{1,2})?[ T]\d\d:\d\d:\d\d(?:[.,]\d{1,6})?/;

export function logSummary({ lines, size }: ShownLog): Html {
  const count = lines === undefined ? '' : `, ${lines} ${lines === 1 ? 'line' : 'lines'}`;
  return html`<span class="soft">${bytes(size)}${count}</span>`;
}

/** Lines of a log, as text that can be read, linked to and searched without script. */
export function logBody(log: ShownLog): Html {
  const { names, page } = log;
  const raw = `/logs/${pathTo(names.join('/'))}`;
  return html`<h1 class="crumbs mono">
      <a href="/logs/">logs</a> /
      ${names.slice(0, -1).map((name, index) => html`<a href="${folderUrl(names.slice(0, index + 1))}">${visible(name, 255)}</a> / `)}
      ${visible(names.at(-1) ?? '', 255)}
    </h1>
    ${form(log, raw)} ${markedNote(log)} ${turner(log, 'above')}
    <section class="console log" id="log" tabindex="0" aria-label="Lines of the log" data-first="${page.first}">
      ${rows(log)} ${page.lines.length === 0 ? html`<p class="empty">${nothing(log)}</p>` : html``}
    </section>
    ${turner(log, 'below')}
    <p class="soft">
      Keys: <kbd>j</kbd> <kbd>k</kbd> next and previous line, <kbd>n</kbd> <kbd>p</kbd> next and previous page. The
      address of the line is then in the address bar.
    </p>`;
}

function form({ names, query }: ShownLog, raw: string): Html {
  return html`<form class="filter log-filter" method="get">
    ${markedFields(query)}
    <label
      >Severity
      <select name="level">
        <option value="">all lines</option>
        ${severities.map((level) => html`<option value="${level}" ${level === query.level ? 'selected' : ''}>${level} and above</option>`)}
      </select></label
    >
    <label
      >Text <input name="find" maxlength="200" value="${visible(query.find ?? '', 200)}" autocomplete="off"
    /></label>
    <label
      >From line <input name="line" inputmode="numeric" maxlength="12" value="${query.line}" autocomplete="off"
    /></label>
    <button type="submit">Show</button>
    <a href="${raw}">Raw</a>
    <a href="${searchOtherRuns(names, query.find)}"
      >Search ${query.find === undefined ? 'other runs' : 'this text in other runs'}</a
    >
  </form>`;
}

function turner({ page, query }: ShownLog, place: 'above' | 'below'): Html {
  const to = (line: number) => addressOf(query, line);
  const isFirst = page.first <= 1;
  return html`<div class="turner" role="navigation" aria-label="Pages, ${place} the lines">
    ${isFirst ? html`<span class="soft">First</span>` : html`<a href="${to(1)}">First</a>`}
    ${isFirst ? html`<span class="soft">Previous</span>` : html`<a href="${to(Math.max(1, page.first - 1000))}" data-turn="previous">Previous</a>`}
    ${page.next === undefined ? html`<span class="soft">Next</span>` : html`<a href="${to(page.next)}" data-turn="next">Next</a>`}
    <a href="?end=1">End</a>
    <span class="soft num">${range(page)}</span>
  </div>`;
}

function range({ first, lines, next }: LogPage): string {
  const last = next === undefined ? lines.at(-1)?.number : next - 1;
  return last === undefined ? '' : `lines ${first}–${last}`;
}

function addressOf({ find, level, marked }: LogViewQuery, line: number): string {
  const query = new URLSearchParams(lineQuery(line, marked));
  if (level !== undefined) query.set('level', level);
  if (find !== undefined) query.set('find', find);
  return `?${query.toString()}`;
}

function nothing({ page, query }: ShownLog): string {
  if (query.level === undefined && query.find === undefined) return 'There is nothing here.';
  return page.next === undefined
    ? 'No line from here to the end fits.'
    : `No line up to ${page.next - 1} fits: go on with Next.`;
}

/** `line=12&from=…&until=…`: a page on which the lines of a time are marked. */
export function lineQuery(line: number, marked: TimeSpan | undefined): string {
  return new URLSearchParams({ line: String(line), ...(marked && spanQuery(marked)) }).toString();
}

export function spanQuery({ from, until }: TimeSpan): { from: string; until: string } {
  return { from: new Date(from).toISOString(), until: new Date(until).toISOString() };
}

function markedFields({ marked }: LogViewQuery): Html {
  if (marked === undefined) return html``;
  return html`${Object.entries(spanQuery(marked)).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}" />`,
  )}`;
}

function markedNote({ page, query }: ShownLog): Html {
  const { marked } = query;
  if (marked === undefined) return html``;
  const count = within(page.lines, marked).filter(Boolean).length;
  const { from, until } = spanQuery(marked);
  return html`<p class="marked-note">
    <b>${plural(count, 'line')} of this page marked</b>: from ${clockTime(from)} to ${clockTime(until)} UTC.
    <span class="soft">Times without an offset are taken as UTC.</span>
    <a href="?${new URLSearchParams({ time: from, until }).toString()}">Go to the first</a>
  </p>`;
}

function clockTime(iso: string): string {
  return iso.replace('T', ' ').replace('Z', '');
}

/** Of each line; one without a time belongs to the one before. */
function within(lines: readonly ShownLine[], marked: TimeSpan | undefined): readonly boolean[] {
  let last = false;
  return lines.map(({ time, written }) => {
    const at = written ?? time;
    if (marked !== undefined && at !== undefined) last = at >= marked.from && at <= marked.until;
    return last;
  });
}

function rows({ page, query }: ShownLog): readonly Html[] {
  const marks = within(page.lines, query.marked);
  return page.lines.map((line, index) => row(line, page.lines[index - 1], marks[index] === true));
}

function row(line: ShownLine, above: ShownLine | undefined, isMarked: boolean): Html {
  const { bytes: content, cut, number, severity, time, written } = line;
  const text = content.toString('utf8');
  const at = time === undefined ? undefined : stamp.exec(text)?.[0];
  const link = at === undefined || time === undefined ? writtenAt(written, above?.written) : timeLink(at, time);
  return html`<div
    class="row ${severity ?? ''}${isMarked ? ' within' : ''}"
    id="L${number}"
    data-time="${time ?? written ?? ''}"
  >
    <a class="no" href="?line=${number}#L${number}" tabindex="-1">${number}</a
    ><span class="words"
      >${link}${consoleHtml(text.slice(at?.length ?? 0))}${cut === 0 ? html`` : html`<i class="cut"> … ${bytes(cut)} more</i>`}</span
    >
  </div>`;
}

/** Of lines that say no time themselves, where it is another second than in the line above. */
function writtenAt(written: number | undefined, above: number | undefined): Html {
  const iso = written === undefined ? '' : new Date(written).toISOString();
  if (written === undefined || (above !== undefined && iso.startsWith(new Date(above).toISOString().slice(0, 19))))
    return html``;
  return html`<a class="at beside" href="?time=${iso}" title="written by ${iso}" tabindex="-1"
    >${iso.slice(11, 19)}</a
  >`;
}

function timeLink(text: string, time: number): Html {
  const iso = new Date(time).toISOString();
  return html`<a class="at" href="?time=${iso}" tabindex="-1">${visible(text, 60)}</a>`;
}
