import { html, raw } from 'hono/html';
import type { Assets } from '../assets.ts';
import { visible } from '../text.ts';
import type { Html } from '../text.ts';

export interface Page {
  readonly title: string;
  /** Configured name of this CI. */
  readonly ci: string;
  readonly here: 'status' | 'builds' | 'backends' | 'images' | 'holds' | 'reports' | 'logs' | 'search' | 'build';
  readonly summary: Html;
  readonly body: Html;
  /** Address of the page's event stream. */
  readonly live: string | undefined;
  /** Names of scripts of its own. */
  readonly scripts?: readonly string[];
  /** Without script it loads itself again after so many seconds. */
  readonly refresh?: number | undefined;
  readonly assets: Assets;
}

const htmxConfig = JSON.stringify({
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  historyEnabled: false,
});

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <rect width="32" height="32" rx="8" />
  <path d="M8 7v18M24 7v18" />
  <path class="vote" d="m12 16.5 3 3 5.5-7" />
</svg>`;

export function layout(page: Page): Html {
  const live = page.live === undefined ? html`` : html` hx-ext="sse" sse-connect="${page.live}"`;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="htmx-config" content="${htmxConfig}" />
        ${page.refresh === undefined ? html`` : html`<noscript><meta http-equiv="refresh" content="${page.refresh}" /></noscript>`}
        <title>${visible(page.title, 200)}</title>
        <link rel="icon" href="${page.assets.url('favicon.svg')}" type="image/svg+xml" />
        <link rel="stylesheet" href="${page.assets.url('style.css')}" />
        ${page.live === undefined ? html`` : scripts(page.assets)}
        ${page.scripts?.map((name) => html`<script src="${page.assets.url(name)}" defer></script>`) ?? html``}
      </head>
      <body data-now="${new Date().toISOString()}" ${live}>
        <a class="skip" href="#main">Skip to content</a>
        ${header(page)}
        <main id="main" tabindex="-1">${page.body}</main>
        ${footer(page)}
      </body>
    </html>`;
}

function scripts(assets: Assets): Html {
  return html`<script src="${assets.url('htmx.js')}" defer></script>
    <script src="${assets.url('sse.js')}" defer></script>
    <script src="${assets.url('app.js')}" defer></script>
    <script src="${assets.url('console.js')}" defer></script>`;
}

function header(page: Page): Html {
  return html`<header class="top">
    <a class="brand" href="/">${mark}<span>${visible(page.ci, 100)}</span></a>
    <nav aria-label="Pages">
      ${navLink(page, 'status', '/', 'Status')}${navLink(page, 'builds', '/builds', 'Builds')}${navLink(page, 'backends', '/backends', 'Back ends')}${navLink(page, 'images', '/images', 'Images')}${navLink(page, 'holds', '/holds', 'Holds')}${navLink(page, 'reports', '/reports', 'Reports')}${navLink(page, 'logs', '/logs/', 'Logs')}${navLink(page, 'search', '/search', 'Search')}
    </nav>
    ${page.live === undefined ? html`` : html`<span class="live" id="live" role="status" aria-live="off"></span>`}
    <div class="summary" ${page.live === undefined ? raw('') : raw(' sse-swap="summary"')}>${page.summary}</div>
  </header>`;
}

function navLink(page: Page, here: Page['here'], href: string, words: string): Html {
  return page.here === here
    ? html`<a href="${href}" aria-current="page">${words}</a>`
    : html`<a href="${href}">${words}</a>`;
}

function footer(page: Page): Html {
  return html`<footer>
    <span>sidegate</span>
    <a href="/api/status">JSON</a>
    <a href="/metrics">Metrics</a>
    <a href="/healthz">Health</a>
    <span>All times are UTC</span>
    ${page.live === undefined ? html`` : html`<noscript><span>Without script this page shows the moment it was loaded.</span></noscript>`}
  </footer>`;
}
