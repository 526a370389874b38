import { html } from 'hono/html';
import { consoleFile } from '../../domain/log-path.ts';
import { isPatchset } from '../../domain/tested-ref.ts';
import type { BuildDetail, BuildRow, ReportRow } from '../../ports/status.ts';
import type { Section } from '../live-hub.ts';
import { isTextName } from '../log-types.ts';
import { bytes, pathTo, visible, visibleLines } from '../text.ts';
import type { Html } from '../text.ts';
import { utc } from '../time.ts';
import { stepTrack } from './build-cards.ts';
import {
  buildChip,
  buildTone,
  chip,
  elapsed,
  emptyLine,
  ended,
  factList,
  gerritLink,
  jobLabel,
  serverLabel,
  slotLabel,
  subject,
  testCounts,
  testedLabel,
} from './parts.ts';
import { causePanel } from './cause.ts';
import { dependencyList } from './dependencies.ts';
import { evidencePanel } from './evidence.ts';
import { proofPanel } from './proof.ts';
import { panel, section } from './status.ts';
import { testList } from './tests.ts';
import { timeline } from './timeline.ts';

/** Everything on a build's page that changes, but for the console. */
export function buildSections(build: BuildDetail, now: number): readonly Section[] {
  const {
    testResults,
    artifacts,
    siblings,
    report,
    history,
    evidence,
    proof,
    dependencies,
    causeLines,
    signatures,
    logsExpired,
    ...row
  } = build;
  return [
    section('verdict', row, verdict(row, now)),
    section('timeline', [history, row.endedAt], timeline(build, now)),
    section('cause', [row.cause, causeLines, signatures], causePanel(build)),
    section('tests', [row.state, testResults, artifacts.map(({ path }) => path), logsExpired], testList(build)),
    section('evidence', [row.state, row.backend, evidence], evidencePanel(build)),
    section('proof', [row.state, proof], proofPanel(build)),
    section('facts', row, facts(row)),
    section('report', [row.state, report], reportText(build, report)),
    section('dependencies', [row.state, dependencies], dependencyList(build)),
    section('files', [artifacts, logsExpired], files(build)),
    section('siblings', siblings, siblingList(siblings, now)),
  ];
}

export function buildBody(sections: readonly Section[], build: BuildDetail, consoleTail: Html): Html {
  const part = (name: string) => sections.find((candidate) => candidate.name === name)?.html ?? html``;
  return html`<div sse-swap="verdict">${part('verdict')}</div>
    <div class="columns build">
      <div class="wide">
        <div sse-swap="cause">${part('cause')}</div>
        ${panel('Tests', 'tests', part('tests'))} ${panel('Evidence from z/VM', 'evidence', part('evidence'))}
        ${panel('Report to Gerrit', 'report', part('report'))} ${consolePanel(build, consoleTail)}
      </div>
      <div class="narrow">
        ${panel('Timeline', 'timeline', part('timeline'))} ${panel('Details', 'facts', part('facts'))}
        ${panel('What was really tested', 'proof', part('proof'))}
        ${panel('Tested together with', 'dependencies', part('dependencies'))} ${panel('Files', 'files', part('files'))}
        ${panel('Other builds of the same', 'siblings', part('siblings'))}
      </div>
    </div>`;
}

/** The way back. */
export function buildSummary(build: BuildRow): Html {
  const { tested } = build;
  const same = isPatchset(tested)
    ? html`<a href="/builds?change=${tested.number}">Builds of change ${tested.number}</a>`
    : html`<a href="/builds?${new URLSearchParams({ project: tested.project }).toString()}">Builds of its project</a>`;
  return html`<span><a href="/builds">All builds</a> · ${same}</span>`;
}

function verdict(build: BuildRow, now: number): Html {
  return html`<section class="verdict ${buildTone(build)}" aria-label="Verdict">
    <div class="verdict-head">
      ${buildChip(build)}
      <span class="total">${elapsed(build, now)}</span>
    </div>
    <h1>${subject(build)}</h1>
    <p class="line-up">
      <span class="strong">${testedLabel(build)}</span> ${jobLabel(build)} ${gerritLink(build)} ${holdLink(build)}
    </p>
    ${explanation(build, now)}
  </section>`;
}

/** A running build by its number; one that failed has lost its server, but the next one like it can be kept. */
function holdLink(build: BuildRow): Html {
  if (build.state !== 'done')
    return html`<a href="/holds/new?${new URLSearchParams({ build: build.id }).toString()}">Hold this server</a>`;
  if (build.result === 'SUCCESS' || build.result === 'MERGE_CONFLICT' || build.result === 'ABORTED') return html``;
  const { tested } = build;
  const change = isPatchset(tested) ? { change: String(tested.number) } : undefined;
  const wish = new URLSearchParams({ project: tested.project, ...change, job: build.job });
  return html`<a href="/holds/new?${wish.toString()}">Hold the server of its next failure</a>`;
}

function explanation(build: BuildRow, now: number): Html {
  if (build.state === 'running') return stepTrack(build, now);
  if (build.state === 'queued')
    return html`<p class="why-verdict">Waits for ${visible(build.waitingFor ?? 'its turn', 500)}</p>`;
  return html`<p class="why-verdict">${visible(build.reason ?? 'No reason was recorded.', 2000)}</p>
    <p>${testCounts(build.tests)}</p>`;
}

function facts(build: BuildRow): Html {
  const { tested } = build;
  const rows: readonly (readonly [string, Html | string])[] = [
    ['Project', visible(tested.project, 300)],
    ['Branch', visible(tested.branch, 300)],
    ['Commit', cut(tested.revision)],
    ...(isPatchset(tested) ? [['Owner', html`<bdi>${visible(tested.owner, 200)}</bdi>`] as const] : []),
    ['Server', serverLabel(build)],
    ['Slot', slotLabel(build)],
    ['Queued', time(build.queuedAt)],
    ['Started', time(build.startedAt)],
    ['Ended', time(build.endedAt)],
    ['Build', cut(build.id)],
  ];
  return factList('list', rows);
}

/** Enough of a long number for people and commands; the whole is one hover away. */
function cut(id: string): Html {
  return html`<span class="mono" title="${visible(id, 60)}">${visible(id.slice(0, 12), 12)}</span>`;
}

function time(at: string | undefined): Html {
  return at === undefined
    ? html`<span class="soft">–</span>`
    : html`<time class="num" datetime="${at}">${utc(at)}</time>`;
}

function consolePanel(build: BuildDetail, tail: Html): Html {
  return html`<section class="panel console-panel" aria-labelledby="h-console">
    <h2 id="h-console">
      Console
      ${build.logsExpired === undefined ? html`<a class="more" href="${viewUrl(build, consoleFile)}">Whole file</a>` : html``}
    </h2>
    ${build.logsExpired === undefined ? html`` : expiry(build.logsExpired)}
    <pre class="console" id="console" tabindex="0" aria-label="Console output" sse-swap="console" hx-swap="beforeend">
${tail}</pre>
  </section>`;
}

function reportText(build: BuildRow, report: ReportRow | undefined): Html {
  if (!isPatchset(build.tested)) return emptyLine('Nothing is posted about a branch.');
  if (report === undefined)
    return emptyLine(
      build.state === 'done'
        ? 'Nothing was reported for this build.'
        : 'Posted when all builds of this patchset are done.',
    );
  return html`<p class="line-up">
      ${reportChip(report)} ${voteLabel(report)}
      ${report.postedAt === undefined ? html`` : html`<span class="soft">Posted ${time(report.postedAt)}</span>`}
    </p>
    <pre class="message" tabindex="0" aria-label="Text of the comment">
${visibleLines(report.message.slice(0, 20_000))}</pre>`;
}

function reportChip(report: ReportRow): Html {
  if (report.state === 'failed') return chip('bad', 'Not posted');
  if (report.state === 'intended') return chip('run', 'Being posted');
  if (report.state === 'held') return html`${chip('warn', 'Waits for a person')} <a href="/reports">Decide</a>`;
  if (report.state === 'dropped') return chip('idle', 'Not posted: dropped');
  if (report.state === 'silent') return chip('idle', 'Not posted: the pipeline is silent');
  if (report.outcome === 'voted' || report.outcome === 'commented')
    return chip('ok', report.outcome === 'voted' ? 'Voted' : 'Commented');
  if (report.outcome === 'superseded') return chip('idle', 'Commented: a newer patchset came');
  return chip('warn', `Vote ${report.outcome ?? 'unknown'}`);
}

function voteLabel(report: ReportRow): Html {
  if (report.vote === undefined) return html`<span class="soft">without a vote</span>`;
  const { label, value } = report.vote;
  return html`<span class="vote ${value < 0 ? 'bad' : 'ok'}"
    >${visible(label, 60)} <b class="num">${value > 0 ? `+${value}` : value < 0 ? `−${-value}` : '0'}</b></span
  >`;
}

function files(build: BuildDetail): Html {
  if (build.logsExpired !== undefined) return expiry(build.logsExpired);
  const shown = build.artifacts.slice(0, 200);
  return html`<ul class="files">
      ${shown.map((file) => {
        const name = file.path.startsWith(build.logPath) ? file.path.slice(build.logPath.length) : file.path;
        return html`<li>
          <a class="mono" href="${viewUrl(build, name)}">${visible(name, 300)}</a
          ><span class="soft num">${bytes(file.size)}</span>
        </li>`;
      })}
    </ul>
    <p>
      <a href="${logUrl(build, '')}"
        >${build.artifacts.length > shown.length ? `All ${build.artifacts.length} files` : 'Log folder'}</a
      >
    </p>
    <form class="search-build" action="/search" role="search">
      <input type="hidden" name="build" value="${build.id}" />
      <input
        name="text"
        aria-label="Text in the logs of this build"
        placeholder="Text in these logs"
        maxlength="200"
        autocomplete="off"
      />
      <button>Search</button>
    </form>
    <p><a href="/search?${new URLSearchParams({ job: build.job }).toString()}">Search all builds of this job</a></p>`;
}

function expiry({ at, why }: NonNullable<BuildDetail['logsExpired']>): Html {
  const because = why === 'age' ? 'They were old enough.' : 'The disk was full.';
  return html`<p class="empty">Logs expired on ${time(at)}. ${because}</p>`;
}

function siblingList(builds: readonly BuildRow[], now: number): Html {
  if (builds.length === 0) return emptyLine('None.');
  return html`<ul class="lines">
    ${builds.slice(0, 100).map(
      (build) =>
        html`<li>
          <div class="line">
            <a id="sibling-${build.id}" href="/build/${encodeURIComponent(build.id)}">${jobLabel(build)}</a
            >${buildChip(build)}
          </div>
          <div class="line soft">
            <span>${visible(build.reason ?? build.waitingFor ?? '', 300)}</span
            >${build.state === 'done' ? ended(build, now) : elapsed(build, now)}
          </div>
        </li>`,
    )}
  </ul>`;
}

/** Text opens in the viewer. */
function viewUrl(build: BuildRow, name: string): string {
  return isTextName(name) ? `/view/${pathTo(build.logPath + name)}` : logUrl(build, name);
}

function logUrl(build: BuildRow, name: string): string {
  return `/logs/${pathTo(build.logPath + name)}`;
}
