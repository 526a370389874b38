import { html } from 'hono/html';
import { visible } from '../text.ts';
import type { Html } from '../text.ts';

interface FormView {
  readonly change: string;
  readonly gerrit: string;
  /** Names to choose from. */
  readonly gerrits: readonly string[];
  /** Why the last try was refused. */
  readonly problem: string | undefined;
  /** Who is logged in. */
  readonly user: string;
}

const whatHappens = html`<p>
  It is tested as after a <code>recheck</code>, whatever files it touches and whatever result it has. What is queued or
  running already is not queued again.
</p>`;

export function enqueueForm({ change, gerrit, gerrits, problem, user }: FormView): Html {
  return html`<section class="panel hold-form" aria-labelledby="h-enqueue">
    <h1 id="h-enqueue">Queue a change</h1>
    <p class="soft">Logged in as <b>${visible(user, 64)}</b>.</p>
    ${problem === undefined ? html`` : html`<p class="problem" role="alert">${visible(problem, 2000)}</p>`}
    ${whatHappens}
    <form action="/enqueue" method="post">
      <fieldset>
        <div class="field">
          <label for="f-change">Change: its address, its number, or number and patchset</label>
          <input
            id="f-change"
            name="change"
            value="${visible(change, 2000)}"
            required
            maxlength="2000"
            autocomplete="off"
            placeholder="345612,3"
          />
        </div>
        ${gerrits.length > 1 ? chooseGerrit(gerrit, gerrits) : html``}
      </fieldset>
      <div class="buttons"><button>Queue it</button><a href="/builds">Cancel</a></div>
    </form>
  </section>`;
}

function chooseGerrit(chosen: string, names: readonly string[]): Html {
  return html`<div class="field">
    <label for="f-gerrit">Gerrit, for a bare number</label>
    <select id="f-gerrit" name="gerrit">
      <option value="">that of the address</option>
      ${names.map(
        (name) =>
          html`<option value="${visible(name, 100)}" ${name === chosen ? html` selected` : html``}>
            ${visible(name, 100)}
          </option>`,
      )}
    </select>
  </div>`;
}

/** How it is done where nobody can log in here. */
export function enqueueHelp(): Html {
  return html`<section class="panel hold-form" aria-labelledby="h-enqueue">
    <h1 id="h-enqueue">Queue a change</h1>
    <p>
      These pages can only be read: no operator password is configured (<code>web.operator_password</code>). On the
      machine of sidegate, as its user:
    </p>
    <code class="command">sidegate enqueue CHANGE</code>
    ${whatHappens}
    <p><a href="/builds">All builds</a></p>
  </section>`;
}
