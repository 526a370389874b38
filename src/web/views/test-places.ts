import { html } from 'hono/html';
import { requestIds } from '../../domain/results/request-ids.ts';
import { serviceLogs } from '../../domain/results/service-logs.ts';
import type { ServiceLog } from '../../domain/results/service-logs.ts';
import type { TimeSpan } from '../query.ts';
import { searchBuild } from '../search-links.ts';
import { pathTo, visible } from '../text.ts';
import type { Html } from '../text.ts';
import { spanQuery } from './log.ts';

/** Logs that are named beside each request; all others are one search away. */
const logsOfRequest = 4;
/** A test that never ended: what it did at first. */
const beginning = 60_000;
const latest = 8_640_000_000_000_000;

/** A failed test and the logs of its build. */
export interface TestTraces {
  readonly build: string;
  readonly logPath: string;
  /** Names of the build's files below `logPath`. */
  readonly files: readonly string[];
  readonly startedAt: number | undefined;
  /** Milliseconds. */
  readonly duration: number | undefined;
  readonly details: string;
}

/** Links to where a failed test left its traces: by the time in which it ran, and by the requests that it speaks of. */
export function testPlaces(traces: TestTraces): Html {
  const logs = serviceLogs(traces.files);
  if (logs.length === 0) return html``;
  const { last, named } = requestIds(traces.details);
  const requests = [
    ...named.map((id) => requestRow(traces, logs, { id, role: 'Named request' })),
    ...last.map((id) => requestRow(traces, logs, { id, role: 'Last request' })),
  ];
  const rows = [...timeRow(traces, logs), ...requests];
  return rows.length === 0 ? html`` : html`<dl class="places" aria-label="In the logs">${rows}</dl>`;
}

function timeRow({ logPath, ...test }: TestTraces, logs: readonly ServiceLog[]): readonly Html[] {
  const span = spanOf(test);
  if (span === undefined) return [];
  const { from, until } = spanQuery(span);
  const query = new URLSearchParams({ time: from, until }).toString();
  return [
    html`<div>
      <dt>While it ran <span class="num">${from.slice(11, 19)}–${until.slice(11, 19)}</span></dt>
      <dd>${logs.map((log) => html`<a href="${viewUrl(logPath, log)}?${query}">${visible(log.name, 60)}</a> `)}</dd>
    </div>`,
  ];
}

function spanOf({ duration, startedAt }: Pick<TestTraces, 'duration' | 'startedAt'>): TimeSpan | undefined {
  if (startedAt === undefined || !Number.isFinite(startedAt) || Math.abs(startedAt) > latest / 2) return undefined;
  return { from: startedAt, until: startedAt + Math.min(duration ?? beginning, latest / 4) };
}

function requestRow(
  { build, logPath }: TestTraces,
  logs: readonly ServiceLog[],
  { id, role }: { readonly id: string; readonly role: string },
): Html {
  const query = new URLSearchParams({ find: id }).toString();
  const services = logs.filter(({ name }) => name !== 'feilong-calls' && name !== 'job-output').slice(0, logsOfRequest);
  return html`<div>
    <dt>${role} <span class="mono" title="${id}">${id.slice(0, 12)}</span></dt>
    <dd>
      ${services.map((log) => html`<a href="${viewUrl(logPath, log)}?${query}">${visible(log.name, 60)}</a> `)}
      <a href="${searchBuild(build, id)}" rel="nofollow">all logs</a>
    </dd>
  </div>`;
}

function viewUrl(logPath: string, { path }: ServiceLog): string {
  return `/view/${pathTo(logPath + path)}`;
}
