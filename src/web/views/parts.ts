import { html } from 'hono/html';
import { isPatchset, tipName } from '../../domain/tested-ref.ts';
import type { BuildRow } from '../../ports/status.ts';
import type { Result, TestCounts } from '../../domain/verdict.ts';
import { shortId, visible, webUrl } from '../text.ts';
import type { Html } from '../text.ts';
import { ago, between, duration, running } from '../time.ts';

export type Tone = 'ok' | 'bad' | 'warn' | 'run' | 'idle';

const resultLook: Record<Result, { readonly tone: Tone; readonly words: string }> = {
  SUCCESS: { tone: 'ok', words: 'Success' },
  FAILURE: { tone: 'bad', words: 'Failure' },
  ERROR: { tone: 'warn', words: 'Error' },
  TIMED_OUT: { tone: 'warn', words: 'Timed out' },
  NODE_FAILURE: { tone: 'warn', words: 'Node failure' },
  MERGE_CONFLICT: { tone: 'idle', words: 'Merge conflict' },
  ABORTED: { tone: 'idle', words: 'Aborted' },
};

const shapes: Record<Tone, Html> = {
  ok: html`<path d="M4.5 8.5 7 11l4.5-5.5" />`,
  bad: html`<path d="m5 5 6 6m0-6-6 6" />`,
  warn: html`<path d="M8 4v5m0 2.6v.1" />`,
  run: html`<path d="M8 4.5V8l2.5 1.5" />`,
  idle: html`<path d="M5 8h6" />`,
};

/** Colour, shape and word together: none of them is needed to read it. */
export function chip(tone: Tone, words: string): Html {
  return html`<span class="chip ${tone}"
    ><svg viewBox="0 0 16 16" aria-hidden="true">
      <circle cx="8" cy="8" r="7" />
      ${shapes[tone]}</svg
    >${visible(words, 60)}</span
  >`;
}

export function buildChip(build: BuildRow): Html {
  if (build.state === 'running') return chip('run', 'Running');
  if (build.state === 'queued') return chip('idle', 'Waiting');
  if (build.result === undefined) return chip('idle', 'Done');
  const { tone, words } = resultLook[build.result];
  return chip(tone, words);
}

export function buildTone(build: BuildRow): Tone {
  if (build.state !== 'done' || build.result === undefined) return build.state === 'running' ? 'run' : 'idle';
  return resultLook[build.result].tone;
}

/** `nova 345612,3`, `nova master at 0a1b2c3`; the last part of the project's name is what people say. */
export function testedLabel(build: BuildRow): Html {
  const { tested } = build;
  const name = visible(tested.project, 200);
  const which = isPatchset(tested) ? `${tested.number},${tested.patchset}` : visible(tipName(tested), 200);
  return html`<span class="project" title="${name}">${name.split('/').at(-1)}</span> <span class="num">${which}</span>`;
}

export function subject(build: BuildRow): Html {
  const { tested } = build;
  const text = isPatchset(tested) ? tested.subject : `Branch ${tested.branch}`;
  return html`<bdi class="subject">${visible(text, 300) || '(no subject)'}</bdi>`;
}

/** What people recognise a build by: the subject of its change, then which change it is. */
export function buildTitle(build: BuildRow, place: string, more: Html = html``): Html {
  return html`<a id="${place}-${build.id}" class="title" href="/build/${encodeURIComponent(build.id)}"
      >${subject(build)}</a
    >
    <span class="which"><span>${testedLabel(build)}</span> ${more}</span>`;
}

export function gerritLink(build: BuildRow): Html {
  const { tested } = build;
  const url = isPatchset(tested) ? webUrl(tested.url) : undefined;
  if (url === undefined) return html``;
  return html`<a href="${url}" rel="noreferrer noopener">Open in Gerrit (${visible(tested.connection, 60)})</a>`;
}

/** `zvm-tempest · check · attempt 2`. */
export function jobLabel(build: BuildRow): Html {
  const attempt = build.attempt > 1 ? html` <span class="tag">attempt ${build.attempt}</span>` : html``;
  return html`<span class="job"
    ><span class="mono">${visible(build.job, 200)}</span>
    <span class="soft">in ${visible(build.pipeline, 100)}</span>${attempt}</span
  >`;
}

/** Back end and prefix of the slot. */
export function slotLabel(build: BuildRow): Html {
  if (build.backend === undefined) return html`<span class="soft">no slot</span>`;
  const prefix = build.prefix === undefined ? html`` : html` <span class="prefix">${visible(build.prefix, 8)}</span>`;
  return html`<span>${visible(build.backend, 100)}</span>${prefix}`;
}

export function serverLabel(build: BuildRow): Html {
  if (build.server === undefined) return html`<span class="soft">no server yet</span>`;
  const address =
    build.serverAddress === undefined
      ? html``
      : html` <span class="soft num">${visible(build.serverAddress, 60)}</span>`;
  return html`<span class="mono" title="${visible(build.server, 200)}">${serverName(build.server)}</span>${address}`;
}

/** Nova's UUIDs are cut, names stay whole. */
export function serverName(server: string): string {
  return /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(server) ? shortId(server) : visible(server, 100);
}

/** How long it ran, or runs, or waits. */
export function elapsed(build: BuildRow, now: number): Html {
  if (build.state === 'queued') return running(build.queuedAt, now);
  if (build.state === 'running') return running(build.startedAt ?? build.queuedAt, now);
  const ms = between(build.startedAt, build.endedAt);
  return ms === undefined ? html`<span class="soft">–</span>` : html`<span class="num">${duration(ms)}</span>`;
}

export function ended(build: BuildRow, now: number): Html {
  return build.endedAt === undefined ? html`<span class="soft">–</span>` : ago(build.endedAt, now);
}

/** A small bar of passed, failed and skipped, with the numbers beside it. */
export function testCounts(tests: TestCounts | undefined): Html {
  if (tests === undefined) return html`<span class="soft">no tests</span>`;
  const { passed, failed, skipped } = tests;
  const all = Math.max(1, passed + failed + skipped);
  const bad = (failed / all) * 100;
  const good = (passed / all) * 100;
  return html`<span class="counts"
    ><svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="idle" width="100" height="8" />
      <rect class="ok" x="${bad}" width="${good}" height="8" />
      <rect class="bad" width="${failed > 0 ? Math.max(3, bad) : 0}" height="8" /></svg
    ><span class="num"
      >${failed > 0 ? html`<b class="bad">${failed} failed</b>, ` : html``}${passed}
      passed${skipped > 0 ? html`, <span class="soft">${skipped} skipped</span>` : html``}</span
    ></span
  >`;
}

export function emptyLine(words: string): Html {
  return html`<p class="empty">${words}</p>`;
}

/** Names and what they are. */
export function factList(style: 'figures' | 'list', rows: readonly (readonly [string, Html | string])[]): Html {
  return html`<dl class="${style}">
    ${rows.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}
