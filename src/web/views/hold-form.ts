import { html } from 'hono/html';
import type { HoldPrefill } from '../hold-fields.ts';
import { plural, visible } from '../text.ts';
import type { Html } from '../text.ts';

interface FormView {
  readonly fields: HoldPrefill;
  /** Why the last try was refused. */
  readonly problem: string | undefined;
  /** Who is logged in. */
  readonly user: string;
  /** Minutes to choose from. */
  readonly choices: readonly number[];
}

const usualMinutes = 240;

export function holdForm({ fields, problem, user, choices }: FormView): Html {
  return html`<section class="panel hold-form" aria-labelledby="h-hold">
    <h1 id="h-hold">Hold a server</h1>
    <p class="soft">Logged in as <b>${visible(user, 64)}</b>; the name is kept with the hold.</p>
    ${problem === undefined ? html`` : html`<p class="problem" role="alert">${visible(problem, 2000)}</p>`}
    <form action="/holds/new" method="post">
      <fieldset>
        <legend>Which server</legend>
        ${input('build', 'Build that waits or runs', fields.build, html` class="mono" placeholder="0a1b2c3"`)}
        <p class="or soft">Its server is kept however it ends. Or leave that empty, for the next build that fails:</p>
        <div class="fields">
          ${input('project', 'Project', fields.project, html` placeholder="any"`)}
          ${input('change', 'Change', fields.change, html` inputmode="numeric" placeholder="any"`)}
          ${input('job', 'Job', fields.job, html` placeholder="any"`)}
        </div>
      </fieldset>
      <fieldset>
        <legend>For whom</legend>
        ${input('reason', 'Reason, for the others to read', fields.reason, html` required maxlength="500"`)}
        <div class="field">
          <label for="f-key">SSH public key, one line</label>
          <textarea
            id="f-key"
            name="key"
            rows="3"
            required
            maxlength="8192"
            spellcheck="false"
            class="mono"
            placeholder="ssh-ed25519 AAAA… you@host"
          >
${keptLines(fields.key)}</textarea>
        </div>
        <div class="field">
          <label for="f-ttl">Kept for</label>
          <select id="f-ttl" name="ttl">
            ${choices.map((minutes) => option(minutes, minutes === chosen(fields.ttl, choices)))}
          </select>
        </div>
      </fieldset>
      <div class="buttons"><button>Hold it</button><a href="/holds">Cancel</a></div>
    </form>
  </section>`;
}

/** How it is done where nobody can log in here. */
export function commandHelp(fields: HoldPrefill): Html {
  const wish = [
    plainOption('build', fields.build),
    plainOption('project', fields.project),
    plainOption('change', fields.change?.toString()),
    plainOption('job', fields.job),
  ].join('');
  return html`<section class="panel hold-form" aria-labelledby="h-hold">
    <h1 id="h-hold">Hold a server</h1>
    <p>
      These pages can only be read: no operator password is configured (<code>web.operator_password</code>). On the
      machine of sidegate, as its user:
    </p>
    <code class="command">sidegate hold${wish} --key ~/.ssh/id_ed25519.pub --reason 'why'</code>
    <p>
      <code>sidegate hold list</code> tells how to log in once a server is held; <code>sidegate hold release ID</code>
      lets it go.
    </p>
    <p><a href="/holds">All held servers</a></p>
  </section>`;
}

/** It will be copied into a shell, and comes from a link: only what is plain there. */
function plainOption(name: string, value: string | undefined): string {
  return value !== undefined && /^[\w./@+-]{1,200}$/.test(value) && !value.startsWith('-') ? ` --${name} ${value}` : '';
}

function input(name: string, words: string, value: string | number | undefined, more: Html): Html {
  return html`<div class="field">
    <label for="f-${name}">${words}</label>
    <input id="f-${name}" name="${name}" value="${visible(String(value ?? ''), 500)}" autocomplete="off" ${more} />
  </div>`;
}

function keptLines(key: string | undefined): string {
  return (key ?? '').slice(0, 16_000).toWellFormed().replaceAll('\0', '');
}

function option(minutes: number, isChosen: boolean): Html {
  const words = minutes % 60 === 0 ? plural(minutes / 60, 'hour') : plural(minutes, 'minute');
  return html`<option value="${minutes}" ${isChosen ? html` selected` : html``}>${words}</option>`;
}

function chosen(given: number | undefined, choices: readonly number[]): number {
  return given ?? Math.min(usualMinutes, choices.at(-1) ?? usualMinutes);
}
