import type { TestResult, TestResults } from '../test-result.ts';
import { escapeAttribute, escapeText } from './markup.ts';
import { passedAgain } from './run-again.ts';
import { splitTestId } from './test-id.ts';

/** JUnit's XML as Jenkins, GitLab and Zuul read it, in pieces. Tests that never ended are errors. */
export function* junitXml({ tests }: TestResults): Generator<string> {
  const count = (outcome: TestResult['outcome']) => tests.filter((test) => test.outcome === outcome).length;
  const attributes = [
    `name="subunit" tests="${tests.length}" failures="${count('failed')}" errors="${count('incomplete')}"`,
    `skipped="${count('skipped')}" time="${seconds(tests.reduce((sum, test) => sum + (test.duration ?? 0), 0))}"`,
    ...timestamp(tests),
  ];
  yield `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n<testsuite ${attributes.join(' ')}>\n`;
  for (const test of tests) yield testCase(test);
  yield '</testsuite>\n</testsuites>\n';
}

function testCase(test: TestResult): string {
  const { group, name } = splitTestId(test.id);
  const time = test.duration === undefined ? '' : ` time="${seconds(test.duration)}"`;
  const head = `<testcase classname="${escapeAttribute(group)}" name="${escapeAttribute(name)}"${time}`;
  const body = outcomeOf(test);
  return body === '' ? `${head}/>\n` : `${head}>${body}</testcase>\n`;
}

function outcomeOf(test: TestResult): string {
  const { details, outcome } = test;
  const text = escapeText(details);
  switch (outcome) {
    case 'passed':
      return '';
    case 'failed':
      return `<failure type="failure"${ranAgain(test)}>${text}</failure>`;
    case 'incomplete':
      return `<error type="incomplete" message="The test began and never ended.">${text}</error>`;
    case 'skipped':
      return `<skipped message="${escapeAttribute(details.slice(0, 1000))}"/>`;
    case 'expected-failure':
      return `<system-out>Expected failure.\n${text}</system-out>`;
    case 'unexpected-success':
      return `<system-out>Unexpected success.\n${text}</system-out>`;
  }
}

/** JUnit has no word for it that every reader counts as a failure. */
function ranAgain(test: TestResult): string {
  if (passedAgain(test)) return ' message="Failed, passed when run again."';
  return test.again === 'failed' ? ' message="Failed twice."' : '';
}

function timestamp(tests: readonly TestResult[]): string[] {
  const first = tests.reduce((least, test) => Math.min(least, test.startedAt ?? Infinity), Infinity);
  return Number.isFinite(first) ? [`timestamp="${new Date(first).toISOString()}"`] : [];
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
