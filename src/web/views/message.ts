import { html } from 'hono/html';
import { visible } from '../text.ts';
import type { Html } from '../text.ts';
import { chip } from './parts.ts';

/** A page that says one thing: nothing here, refused, broken. */
export function messageBody(title: string, text: string): Html {
  return html`<section class="panel message-page">
    <h1>${visible(title, 100)}</h1>
    <p>${visible(text, 1000)}</p>
    <p><a href="/">Status</a> · <a href="/builds">Builds</a></p>
  </section>`;
}

export function messageSummary(title: string): Html {
  return chip('idle', title);
}
