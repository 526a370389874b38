import { errorText } from '../domain/errors.ts';
import { notChecked } from '../domain/finding.ts';
import type { Finding } from '../domain/finding.ts';

const patience = 10_000;

/** What reviewers open from a comment: our own pages and logs, and the page of this CI in OpenStack's wiki. */
export async function checkPublic(publicUrl: string, wikiUrl: string | undefined): Promise<readonly Finding[]> {
  return Promise.all([checkOwn(publicUrl), checkWiki(wikiUrl)]);
}

async function checkOwn(publicUrl: string): Promise<Finding> {
  const what = `web.public_url ${publicUrl}`;
  try {
    const answer = await get(`${publicUrl}/healthz`);
    if (answer.status === 200 && answer.text.includes('"database"')) return good(what, 'is this CI’s own page');
    const detail = `answers HTTP ${answer.status}, and not as sidegate does`;
    return { ok: false, what, detail, todo: 'Let the proxy in front pass all paths on to web.listen.' };
  } catch (error) {
    const todo = 'Start sidegate and try again; reviewers must reach this address from everywhere.';
    return notChecked(what, `does not answer: ${reasonOf(error)}`, todo);
  }
}

async function checkWiki(wikiUrl: string | undefined): Promise<Finding> {
  const what = `wiki_url ${wikiUrl ?? ''}`.trim();
  const todo = 'Make the page from the template and set wiki_url: docs/gerrit-account.md.';
  if (wikiUrl === undefined) return { ok: false, what, detail: 'is missing', todo };
  try {
    const { status } = await get(wikiUrl);
    if (status === 200) return good(what, 'exists');
    // Some wikis let only browsers in.
    if (status === 403 || status === 429) return notChecked(what, `answers HTTP ${status}`, 'Open it in a browser.');
    return { ok: false, what, detail: `answers HTTP ${status}`, todo };
  } catch (error) {
    return notChecked(what, `does not answer: ${reasonOf(error)}`, 'Open it in a browser.');
  }
}

async function get(url: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(patience), redirect: 'follow' });
  const text = url.endsWith('/healthz') ? (await answer.text()).slice(0, 10_000) : '';
  await answer.body?.cancel().catch(() => {});
  return { status: answer.status, text };
}

function good(what: string, detail: string): Finding {
  return { ok: true, what, detail, todo: '' };
}

function reasonOf(error: unknown): string {
  return errorText(error instanceof Error && error.cause !== undefined ? error.cause : error);
}
