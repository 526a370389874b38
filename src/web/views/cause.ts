import { html } from 'hono/html';
import { causeRules } from '../../domain/cause.ts';
import { troubleLog } from '../../domain/signatures/signature.ts';
import type { EvidenceLine } from '../../domain/verdict.ts';
import type { FoundSignature } from '../../ports/build-store.ts';
import type { BuildDetail } from '../../ports/status.ts';
import { pathTo, plural, visible, webUrl } from '../text.ts';
import type { Html } from '../text.ts';

const mostFound = 50;
const mostLines = 8;

/** Why a build failed, and what shows it; known troubles in its logs also while it runs and when it went well. */
export function causePanel(build: BuildDetail): Html {
  const others = build.signatures.filter(({ signature }) => signature !== build.cause?.signature?.id);
  if (build.cause === undefined && others.length === 0) return html``;
  return html`<section class="panel" aria-labelledby="h-cause">
    <h2 id="h-cause">${build.cause === undefined ? 'Known troubles' : 'Why it failed'}</h2>
    <div class="panel-body">${named(build)} ${alsoFound(build, others)}</div>
  </section>`;
}

function named(build: BuildDetail): Html {
  const { cause } = build;
  if (cause === undefined) return html``;
  const { signature } = cause;
  return html`<p>Cause: <b>${cause.kind}</b>, ${causeRules[cause.kind].what}.</p>
    ${signature === undefined ? html`` : html`<p>${visible(signature.title, 300)} ${bugLink(signature)} <span class="soft mono">${visible(signature.id, 80)}</span></p>`}
    ${lineList(build, build.causeLines)}`;
}

function bugLink({ bug }: { readonly bug: string | undefined }): Html {
  const url = bug === undefined ? undefined : webUrl(bug);
  return url === undefined ? html`` : html`<a href="${url}" rel="noreferrer noopener">Bug</a>`;
}

function lineList(build: BuildDetail, lines: readonly EvidenceLine[]): Html {
  if (lines.length === 0) return html``;
  return html`<ul class="calls">
    ${lines.slice(0, mostLines).map(
      ({ line, log, text }) =>
        html`<li>
          ${log === undefined || log === troubleLog ? html`` : html`<span class="line">${logLink(build, log, line)}</span>`}
          <span class="reason mono">${visible(text, 400)}</span>
        </li>`,
    )}
  </ul>`;
}

function logLink(build: BuildDetail, log: string, line: number | undefined): Html {
  const place = line === undefined ? html`` : html` <span class="soft num">line ${line}</span>`;
  return html`<a class="mono" href="/logs/${pathTo(build.logPath + log)}">${visible(log, 300)}</a>${place}`;
}

function alsoFound(build: BuildDetail, others: readonly FoundSignature[]): Html {
  if (others.length === 0) return html``;
  const where = build.cause === undefined ? 'in its logs' : 'in its logs, not taken for the cause';
  return html`<details class="fold">
    <summary>${plural(others.length, 'known trouble')} ${where}</summary>
    ${others.slice(0, mostFound).map(
      (one) =>
        html`<p>${visible(one.title, 300)} (${one.cause}) ${bugLink(one)}</p>
          ${lineList(
            build,
            one.lines.map((line) => ({ log: one.log, ...line })),
          )}`,
    )}
  </details>`;
}
