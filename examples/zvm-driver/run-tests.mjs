// node run-tests.mjs: runs every test in tests/ against a real Feilong. Exit status 1 when one failed, 2 when it could not begin.
import { openSync, readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { SubunitWriter } from './subunit.mjs';
import { SkipTest, TestCloud, TestContext } from './tests/base.mjs';

const testTimeout = 120_000;
const folder = new URL('tests/', import.meta.url);

const { SIDEGATE_FEILONG_URL: url, SIDEGATE_PREFIX: prefix, SIDEGATE_RESULTS: results = 'testrepository.subunit', EXAMPLE_PACE: pace = '0' } = process.env;
if (!url || !/^[A-Za-z0-9]{2,4}$/.test(prefix ?? '')) {
  console.error('SIDEGATE_FEILONG_URL and SIDEGATE_PREFIX (two to four letters and digits) must be set.');
  process.exit(2);
}

const cloud = new TestCloud({ url, prefix, pace: Number(pace) });
const subunit = new SubunitWriter(openSync(results, 'w'));
const counts = { success: 0, skip: 0, fail: 0 };
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => void abort());

const began = performance.now();
const files = readdirSync(folder).filter((name) => name.endsWith('.test.mjs')).sort();
console.log(`Selected: ${await countTests(files)} tests`);
for (const file of files) await runFile(file);
printTotals();
process.exit(counts.fail > 0 ? 1 : 0);

/** A file that cannot be loaded counts as the one failure it becomes. */
async function countTests(files) {
  const loaded = await Promise.all(files.map((file) => import(new URL(file, folder)).catch(() => ({ tests: [file] }))));
  return loaded.reduce((sum, { tests }) => sum + tests.length, 0);
}

async function runFile(file) {
  try {
    const { suite, tests } = await import(new URL(file, folder));
    for (const test of tests) await runTest(`example_driver.tests.${suite}.${test.name}`, test.attributes, test.run);
  } catch (error) {
    await runTest(`setUpModule (example_driver.tests.${basename(file, '.test.mjs')})`, undefined, () => Promise.reject(error));
  }
}

async function runTest(name, attributes, run) {
  const id = attributes === undefined ? name : `${name}[${attributes}]`;
  const t0 = performance.now();
  subunit.status(id, 'inprogress', ['worker-0']);
  const context = new TestContext(cloud);
  const problems = [...(await problemOf(run, context)), ...(await context.cleanUp())];
  const seconds = ((performance.now() - t0) / 1000).toFixed(6);

  const calls = cloud.takeCalls();
  if (calls.length > 0) subunit.attach(id, 'feilong-calls', `${calls.join('\n')}\n`);
  const status = judge(problems);
  counts[status] += 1;
  if (status === 'skip') subunit.attach(id, 'reason', problems[0].message);
  if (status === 'fail') subunit.attach(id, 'traceback', traceback(problems), 'text/x-traceback;charset=utf8,language=javascript');
  subunit.status(id, status, ['worker-0']);
  printProgress({ name, seconds, status, problems, calls });
}

async function problemOf(run, context) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`The test took longer than ${testTimeout / 1000} s.`)), testTimeout);
  });
  try {
    await Promise.race([run(context), late]);
    return [];
  } catch (error) {
    return [error];
  } finally {
    clearTimeout(timer);
  }
}

function judge(problems) {
  if (problems.length === 0) return 'success';
  return problems.every((problem) => problem instanceof SkipTest) ? 'skip' : 'fail';
}

function traceback(problems) {
  return problems.map((problem) => `${problem?.stack ?? problem}\n`).join('\n');
}

function printProgress({ name, seconds, status, problems, calls }) {
  const words = { success: 'ok', skip: `SKIPPED: ${problems[0]?.message}`, fail: 'FAILED' };
  console.log(`{0} ${name} [${seconds}s] ... ${words[status]}`);
  if (status !== 'fail') return;
  for (const [title, text] of [['traceback', traceback(problems)], ['feilong-calls', calls.join('\n')]]) {
    const heading = `Captured ${title}:`;
    console.log(`\n${heading}\n${'~'.repeat(heading.length)}\n${text.trimEnd().replaceAll(/^/gm, '    ')}\n`);
  }
}

function printTotals() {
  const ran = counts.success + counts.skip + counts.fail;
  console.log(`\n======\nTotals\n======\nRan: ${ran} tests in ${((performance.now() - began) / 1000).toFixed(4)} sec.`);
  console.log(` - Passed: ${counts.success}\n - Skipped: ${counts.skip}\n - Expected Fail: 0\n - Unexpected Success: 0\n - Failed: ${counts.fail}`);
}

/** Somebody stops the run: what it created goes first. */
async function abort() {
  console.log('Stopped. Deleting what this run created.');
  await Promise.allSettled([...cloud.created].map((name) => cloud.remove(name)));
  process.exit(143);
}
