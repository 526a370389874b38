import { html } from 'hono/html';
import { visible } from '../text.ts';
import type { Html } from '../text.ts';
import { shellName } from './backend-parts.ts';

interface FormView {
  readonly backend: string;
  readonly reason: string;
  /** Why the last try was refused. */
  readonly problem: string | undefined;
  /** Who is logged in. */
  readonly user: string;
}

const whatHappens = html`<p>
  It gets no new builds until somebody takes it back into use; builds wait for it or go to another one that suits them.
  Builds that use it now go on, and their slots are cleared afterwards as ever.
</p>`;

export function drainForm({ backend, reason, problem, user }: FormView): Html {
  return html`<section class="panel hold-form" aria-labelledby="h-drain">
    <h1 id="h-drain">Take ${visible(backend, 100)} out of use</h1>
    <p class="soft">Logged in as <b>${visible(user, 64)}</b>; the name is shown with the reason.</p>
    ${problem === undefined ? html`` : html`<p class="problem" role="alert">${visible(problem, 2000)}</p>`}
    ${whatHappens}
    <form action="/backends/${encodeURIComponent(backend)}/drain" method="post">
      <fieldset>
        <div class="field">
          <label for="f-reason">Reason, for the others and for those whose builds wait</label>
          <input
            id="f-reason"
            name="reason"
            value="${visible(reason, 500)}"
            required
            maxlength="500"
            autocomplete="off"
            placeholder="new disks in the pool, back at noon UTC"
          />
        </div>
      </fieldset>
      <div class="buttons"><button>Take it out of use</button><a href="/backends">Cancel</a></div>
    </form>
  </section>`;
}

/** How it is done where nobody can log in here. */
export function drainHelp(backend: string): Html {
  return html`<section class="panel hold-form" aria-labelledby="h-drain">
    <h1 id="h-drain">Take ${visible(backend, 100)} out of use</h1>
    <p>
      These pages can only be read: no operator password is configured (<code>web.operator_password</code>). On the
      machine of sidegate, as its user:
    </p>
    <code class="command">sidegate backend drain ${shellName(backend)} --reason 'why'</code>
    ${whatHappens}
    <p><code>sidegate backend resume ${shellName(backend)}</code> takes it back into use.</p>
    <p><a href="/backends">All back ends</a></p>
  </section>`;
}
