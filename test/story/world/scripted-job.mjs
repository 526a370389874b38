// Runs on the test server; see scripted-job.ts. story.json: {"tests": {"name": "pass" | "fail"}, "seconds": 1, "guests": 2, "calls": [{"method", "path", "body"}], "prints": ["a line"], "logs": {"a/b.txt": "text"}, "exit": 0, "outOfMemory": true}
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SubunitWriter } from './subunit.mjs';

const story = JSON.parse(readFileSync('source/story.json', 'utf8'));
const { SIDEGATE_BUILD, SIDEGATE_PREFIX, SIDEGATE_FEILONG_URL, SIDEGATE_ARTIFACTS, RECORDER_URL } = process.env;
await fetch(`${RECORDER_URL}/start/${SIDEGATE_BUILD}`, { method: 'POST' });
console.log(`story of build ${SIDEGATE_BUILD} with prefix ${SIDEGATE_PREFIX}`);

for (const line of story.prints ?? []) console.log(line);
for (const [name, text] of Object.entries(story.logs ?? {})) {
  mkdirSync(dirname(`${SIDEGATE_ARTIFACTS}/${name}`), { recursive: true });
  writeFileSync(`${SIDEGATE_ARTIFACTS}/${name}`, text);
}

const guests = Array.from({ length: story.guests ?? 0 }, (_, n) =>
  `${SIDEGATE_PREFIX}${n.toString(16).padStart(8 - SIDEGATE_PREFIX.length, '0')}`.toUpperCase(),
);
for (const userid of guests) {
  const answer = await fetch(`${SIDEGATE_FEILONG_URL}/guests`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ guest: { userid, vcpus: 1, memory: 512, disk_list: [{ size: '1g', is_boot_disk: true }] } }),
  });
  if (!answer.ok) throw new Error(`guest ${userid}: ${answer.status} ${await answer.text()}`);
}
// Calls as a worker's nova may make them; what came of each stands in the console.
for (const { method, path, body } of story.calls ?? []) {
  const answer = await fetch(`${SIDEGATE_FEILONG_URL}${path.replace('PREFIX', SIDEGATE_PREFIX)}`, {
    method,
    ...(body
      ? {
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body).replaceAll('PREFIX', SIDEGATE_PREFIX),
        }
      : {}),
  });
  console.log(`${method} ${path}: ${answer.status} ${await answer.text()}`);
}
for (let second = 0; second < (story.seconds ?? 0) * 10; second += 1) {
  console.log(`tick ${second}`);
  await sleep(100);
}
// As if the kernel had killed this process: fewer were killed before the job than since.
if (story.outOfMemory) {
  while (!existsSync('../oom-kills')) await sleep(50);
  await sleep(100);
  writeFileSync('../oom-kills', 'oom_kill -1\n');
  process.exit(137);
}
// Guests stay when the story says so: sidegate must sweep them.
if (!story.leak)
  for (const userid of guests) await fetch(`${SIDEGATE_FEILONG_URL}/guests/${userid}`, { method: 'DELETE' });

const tests = story.tests ?? { 'story.test': 'pass' };
if (story.asksFeilong) {
  const { overallRC } = await (await fetch(`${SIDEGATE_FEILONG_URL}/host`)).json();
  tests['story.feilong'] = overallRC === 0 ? 'pass' : 'fail';
}
const results = new SubunitWriter(openSync(`${SIDEGATE_ARTIFACTS}/testrepository.subunit`, 'w'));
for (const [name, outcome] of Object.entries(tests)) {
  results.status(name, 'inprogress');
  results.status(name, outcome === 'pass' ? 'success' : outcome);
}
process.exit(story.exit ?? (Object.values(tests).includes('fail') ? 1 : 0));
