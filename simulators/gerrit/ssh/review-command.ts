import { abandon, restore } from '../actions/lifecycle.ts';
import { postReview } from '../actions/review.ts';
import { reviewInput } from '../actions/review-input.ts';
import type { ReviewInput } from '../actions/review-input.ts';
import type { ReviewTarget } from '../actions/review-checks.ts';
import { submit } from '../actions/submit.ts';
import { Refusal } from '../gerrit.ts';
import type { Gerrit } from '../gerrit.ts';
import { currentPatchset } from '../state/model.ts';
import { CommandFailed, fatal, parseOptions } from './command-line.ts';
import type { Parsed } from './command-line.ts';
import type { CommandCall } from './commands.ts';

const flags = new Set(['json', 'abandon', 'restore', 'submit']);

const names = {
  '--project': 'project',
  '-p': 'project',
  '--branch': 'branch',
  '-b': 'branch',
  '--message': 'message',
  '-m': 'message',
  '--notify': 'notify',
  '-n': 'notify',
  '--label': 'label',
  '-l': 'label',
  '--tag': 'tag',
  '-t': 'tag',
  '--json': 'json',
  '-j': 'json',
  '--abandon': 'abandon',
  '--restore': 'restore',
  '--submit': 'submit',
  '-s': 'submit',
};

/** `gerrit review N,PS …`: the same review as REST, for one or more patchsets. */
export async function reviewCommand(call: CommandCall): Promise<void> {
  const { gerrit } = call;
  const labels = Object.fromEntries(
    gerrit.accounts.labels.map(({ name }) => [`--${name.toLowerCase()}`, `label ${name}`]),
  );
  const parsed = parseOptions(call.words, { names: { ...names, ...labels }, flags });
  if (parsed.operands.length === 0) throw fatal('Argument "{COMMIT | CHANGE,PATCHSET}" is required');
  const targets = parsed.operands.map((operand) => findTarget(call, operand, parsed));
  const input = parsed.options.has('json') ? parseJson(await call.input()) : inputOf(parsed);
  const failures: string[] = [];
  for (const target of targets) {
    try {
      await reviewOne(call, target, { input, parsed });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      failures.push(`error: fatal: ${error.message}\n\n`);
    }
  }
  if (failures.length > 0)
    throw new CommandFailed(`${failures.join('')}fatal: one or more reviews failed; review output above\n`);
}

async function reviewOne(
  call: CommandCall,
  target: ReviewTarget,
  how: { input: ReviewInput; parsed: Parsed },
): Promise<void> {
  const { gerrit, account } = call;
  const { options } = how.parsed;
  const message = how.input.message ?? '';
  if (options.has('abandon')) abandon(gerrit, account, target.change, message);
  else if (options.has('restore')) restore(gerrit, account, target.change, message);
  else postReview(gerrit, account, target, how.input);
  if (options.has('submit'))
    await submit(gerrit, account, gerrit.store.byNumber(target.change.number) ?? target.change);
}

function findTarget({ gerrit, account }: CommandCall, operand: string, { options }: Parsed): ReviewTarget {
  const project = options.get('project')?.at(-1);
  const [, number, patchset] = /^(\d{1,9}),([1-9]\d{0,5})$/.exec(operand) ?? [];
  if (number === undefined) return findByCommit(gerrit, operand, project);
  const change = gerrit.store.byNumber(Number(number));
  if (change === undefined || !gerrit.accounts.mayRead(account, change)) throw fatal(`"${number}" no such change`);
  if (project !== undefined && change.project !== project) throw fatal(`change ${number} not in project ${project}`);
  const found = change.patchsets.find((candidate) => candidate.number === Number(patchset));
  if (found === undefined) throw fatal(`"${operand}" no such patch set`);
  return { change, patchset: found };
}

function findByCommit({ store }: Gerrit, operand: string, project: string | undefined): ReviewTarget {
  if (!/^[0-9a-f]{4,40}$/.test(operand)) throw fatal(`"${operand}" is not a valid patch set`);
  const found = [...store.all()]
    .filter((change) => project === undefined || change.project === project)
    .filter((change) => currentPatchset(change).revision.startsWith(operand));
  const [change] = found;
  if (change === undefined) throw fatal(`"${operand}" no such patch set`);
  if (found.length > 1) throw fatal(`"${operand}" matches multiple patch sets`);
  return { change, patchset: currentPatchset(change) };
}

function parseJson(text: string): ReviewInput {
  try {
    return reviewInput.parse(JSON.parse(text));
  } catch {
    throw fatal('Invalid JSON input');
  }
}

function inputOf({ options }: Parsed): ReviewInput {
  const last = (name: string) => options.get(name)?.at(-1);
  const labels = labelsOf(options);
  const parsed = reviewInput.safeParse({
    message: last('message'),
    tag: last('tag'),
    notify: last('notify'),
    labels: labels.size === 0 ? undefined : Object.fromEntries(labels),
  });
  if (!parsed.success) throw fatal(`"${parsed.error.issues[0]?.path.join('.') ?? ''}" has an invalid value`);
  return parsed.data;
}

/** `--label Verified=1`, `--label Verified+1` and each label's own `--verified 1`. */
function labelsOf(options: Parsed['options']): Map<string, string> {
  const labels = new Map<string, string>();
  for (const label of options.get('label') ?? []) {
    const [, name, value] = /^([A-Za-z-]+?)=?([+-]?\d+)$/.exec(label) ?? [];
    if (name === undefined || value === undefined) throw fatal(`"${label}" is not a valid value for "--label"`);
    labels.set(name, value);
  }
  for (const [name, values] of options) {
    if (name.startsWith('label ')) labels.set(name.slice('label '.length), values.at(-1) ?? '0');
  }
  return labels;
}
