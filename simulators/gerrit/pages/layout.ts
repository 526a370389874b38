import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gerritVersion } from '../gerrit.ts';
import { html, Markup } from './html.ts';
import { visible } from './text.ts';

const style = readFileSync(new URL('style.css', import.meta.url), 'utf8');
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#576475"/><path d="M16 6v11M10.5 11.5h11M10.5 23.5h11" stroke="#fff" stroke-width="3" stroke-linecap="round"/></svg>`;
/** Put together here, because the hash of the policy is of every character between the tags. */
const styleElement = new Markup(`<style>${style}</style>`);
const reloadSeconds = 5;

export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
  <rect width="32" height="32" rx="8" />
  <path d="M16 6v11M10.5 11.5h11M10.5 23.5h11" />
</svg>`;

/** A whole page. It needs no script: it asks for itself again every few seconds. */
export function layout(title: string, body: Markup): string {
  const whole = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta http-equiv="refresh" content="${reloadSeconds}" />
        <title>${visible(title, 200)} · Simulated Gerrit</title>
        <link rel="icon" href="data:image/svg+xml,${encodeURIComponent(icon)}" />
        ${styleElement}
      </head>
      <body>
        <header>
          <a class="brand" href="/">${mark}<span>Simulated Gerrit</span></a>
          <p>stands in for review.opendev.org in sidegate’s sample</p>
        </header>
        <main>${body}</main>
        <footer>
          Speaks REST, SSH and git as Gerrit ${gerritVersion} does. This page is only for looking; it reloads itself
          every ${reloadSeconds} seconds. Times are UTC.
        </footer>
      </body>
    </html> `;
  return whole.text;
}
