import { html } from 'hono/html';
import type { BuildDetail } from '../../ports/status.ts';
import { visible } from '../text.ts';
import type { Html } from '../text.ts';
import { clock, duration, running } from '../time.ts';
import { emptyLine } from './parts.ts';
import { stepWords } from './step-words.ts';

interface Span {
  readonly name: string;
  readonly phase: string | undefined;
  readonly from: string;
  /** undefined while it lasts. */
  readonly to: string | undefined;
}

const maxSpans = 200;

/** Steps and phases as bars on a common scale. */
export function timeline(build: BuildDetail, now: number): Html {
  const spans = spansOf(build);
  const first = spans[0];
  if (first === undefined) return emptyLine('The build has not started.');
  const start = Date.parse(first.from);
  const whole = Math.max(1, (build.endedAt === undefined ? now : Date.parse(build.endedAt)) - start);
  return html`<ol class="timeline">
    ${spans.map((span) => row(span, { start, whole, now }))}
  </ol>`;
}

function spansOf(build: BuildDetail): readonly Span[] {
  const history = build.history.slice(0, maxSpans);
  const spans = history.map((entry, index) => ({
    name: entry.step,
    phase: entry.phase ?? (entry.step === 'run' ? 'start' : undefined),
    from: entry.at,
    to: history[index + 1]?.at ?? build.endedAt,
  }));
  return spans.filter(({ name }) => name !== 'done');
}

function row(span: Span, scale: { start: number; whole: number; now: number }): Html {
  const from = Date.parse(span.from);
  const to = span.to === undefined ? scale.now : Date.parse(span.to);
  const x = percent((from - scale.start) / scale.whole);
  const width = Math.max(0.6, percent((to - from) / scale.whole));
  return html`<li class="${span.to === undefined ? 'now' : ''}">
    <span class="span-name"
      >${visible(stepWords(span.name).short, 60)}${span.phase === undefined ? html`` : html` <b>${visible(span.phase, 80)}</b>`}</span
    >
    <svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">
      <rect class="rail" width="100" height="8" />
      <rect class="time" x="${Math.min(x, 99.4)}" width="${width}" height="8" />
    </svg>
    <span class="span-start soft">${clock(span.from)}</span>
    <span class="span-length"
      >${span.to === undefined ? running(span.from, scale.now) : html`<span class="num">${short(to - from)}</span>`}</span
    >
  </li>`;
}

/** Tenths of seconds where whole ones would all be 0. */
function short(ms: number): string {
  return ms < 10_000 ? `${(Math.max(0, ms) / 1000).toFixed(1)}s` : duration(ms);
}

function percent(part: number): number {
  return Number.isFinite(part) ? Math.round(Math.min(1, Math.max(0, part)) * 1000) / 10 : 0;
}
