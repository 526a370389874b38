import { readFileSync } from 'node:fs';

const subunit = readFileSync(new URL('../../../examples/zvm-driver/subunit.mjs', import.meta.url), 'utf8');
const job = readFileSync(new URL('./scripted-job.mjs', import.meta.url), 'utf8');
const fetchScript = readFileSync(new URL('../../../jobs/shared/fetch.sh', import.meta.url), 'utf8');

/**
 * Phases of a job that does what the change under test says in its file `story.json`: sleep, create and delete guests on z/VM, report
 * tests. Each start is told to the recorder, so that a story can count them.
 */
export function scriptedPhases(recorderUrl: string): readonly { name: string; run: string }[] {
  const files = [
    ['subunit.mjs', subunit],
    ['job.mjs', job],
  ].map(([name, content]) => `cat >${name} <<'END_OF_STORY_FILE'\n${content}\nEND_OF_STORY_FILE`);
  return [
    { name: 'fetch', run: fetchScript },
    { name: 'test', run: [...files, `export RECORDER_URL=${recorderUrl}`, 'exec node job.mjs'].join('\n') },
  ];
}

/** The same with a phase `stack` before the tests, which does what `stack` of `story.json` says, as stack.sh of devstack would. */
export function phasesWithStack(recorderUrl: string): readonly { name: string; run: string }[] {
  const [fetch, ...tests] = scriptedPhases(recorderUrl);
  return [fetch!, { name: 'stack', run: stackScript }, ...tests];
}

const stackScript = `exec node -e '
  const { stack } = JSON.parse(require("fs").readFileSync("source/story.json", "utf8"));
  for (const line of stack?.prints ?? []) console.log(line);
  setTimeout(() => process.exit(stack?.exit ?? 0), (stack?.seconds ?? 0) * 1000);
'`;
