import { countTests, isFailed } from '../subunit/summary.ts';
import type { TestOutcome, TestResult, TestResults } from '../test-result.ts';
import type { TestCounts } from '../verdict.ts';
import { escapeAttribute, escapeText } from './markup.ts';
import { pageStyle } from './page-style.ts';
import { passedAgain } from './run-again.ts';

/** Characters of details on one page; further ones are only in the stream. */
const maxDetails = 32 * 1024 * 1024;

const words: Record<TestOutcome, string> = {
  passed: 'pass',
  failed: 'fail',
  skipped: 'skip',
  incomplete: 'fail (never ended)',
  'expected-failure': 'pass (expected failure)',
  'unexpected-success': 'pass (unexpected success)',
};

interface Group {
  readonly name: string;
  readonly tests: TestResult[];
}

/**
 * The page that OpenStack's jobs make with subunit2html, in pieces: the same table, order, ids and classes. Without script, which log servers
 * forbid: details fold by themselves, and what is shown is chosen by radio buttons and style.
 */
export function* resultsPage(results: TestResults): Generator<string> {
  const counts = countTests(results);
  yield `${head()}${heading(results, counts)}${choices}${tableHead}`;
  const budget = { left: maxDetails };
  for (const [index, group] of groupsOf(results.tests).entries()) {
    yield groupRow(group);
    for (const [position, test] of group.tests.entries()) yield testRow(test, `t${index + 1}.${position + 1}`, budget);
  }
  yield `<tr id='total_row'>\n${cells(['Total', ...numbers(counts), '&nbsp;'])}</tr>\n</table>\n</body>\n</html>\n`;
}

function head(): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="sidegate">
<title>Unit Test Report</title>
<style>${pageStyle}</style>
</head>
<body>
`;
}

function heading({ dropped, intact, skipped }: TestResults, { failed, passed, skipped: left }: TestCounts): string {
  const status = [
    ...(passed > 0 ? [`Pass ${passed}`] : []),
    ...(failed > 0 ? [`Failure ${failed}`] : []),
    ...(left > 0 ? [`Skip ${left}`] : []),
  ];
  const damage = [
    ...(skipped.bytes > 0
      ? [`${skipped.bytes} bytes in ${skipped.places} places are no results and were skipped.`]
      : []),
    ...(dropped > 0 ? [`${dropped} packets told more than is kept.`] : []),
  ];
  const note = intact ? '' : ['The results are not whole.', ...damage].join(' ');
  return `<div class='heading'>
<h1>Unit Test Report</h1>
<p class='attribute'><strong>Status:</strong> ${status.join(' ') || 'none'}</p>
<p class='description'>${note}</p>
</div>
`;
}

const choices = `<p id='show_detail_line'>Show
<label><input type="radio" name="show" id="summary"> Summary</label>
<label><input type="radio" name="show" id="failed" checked> Failed</label>
<label><input type="radio" name="show" id="all"> All</label>
</p>
`;

const tableHead = `<table id='result_table'>
<tr id='header_row'>
${cells(['Test Group/Test case', 'Count', 'Pass', 'Fail', 'Error', 'Skip', 'View'])}</tr>
`;

function cells(texts: readonly string[]): string {
  return texts.map((text, index) => `    <td class="${index === 0 ? 'testname' : 'small'}">${text}</td>\n`).join('');
}

/** Count, Pass, Fail, Error, Skip. subunit2html has no errors either. */
function numbers({ failed, passed, skipped }: TestCounts): string[] {
  return [passed + failed + skipped, passed, failed, 0, skipped].map(String);
}

function groupRow({ name, tests }: Group): string {
  const counts = countTests({ tests });
  const style = counts.failed > 0 ? 'failClass' : 'passClass';
  return `<tr class='${style}'>\n${cells([escapeText(name), ...numbers(counts), '&nbsp;'])}</tr>\n`;
}

function testRow(test: TestResult, number: string, budget: { left: number }): string {
  const failed = isFailed(test);
  const row = `${failed ? 'f' : 'p'}${number}`;
  const details = test.details.slice(0, Math.max(0, budget.left));
  budget.left -= details.length;
  const cut = details.length < test.details.length ? '\n… (cut)' : '';
  const name = test.id.slice(test.id.lastIndexOf('.') + 1);
  return `<tr id='${row}' class='${failed ? 'failRow' : 'hiddenRow'}'>
    <td class='${failed ? 'failCase' : 'none'}'><div class='testcase'>${escapeText(name)}</div></td>
    <td colspan='6'><details><summary title="${escapeAttribute(test.id)}">${word(test)}</summary>
<pre id='div_${row}' class="popup_window">${row}: ${escapeText(test.id)}\n${escapeText(details)}${cut}</pre></details></td>
</tr>
`;
}

function word(test: TestResult): string {
  if (passedAgain(test)) return 'fail (passed when run again)';
  return test.again === 'failed' ? 'fail (twice)' : words[test.outcome];
}

/** By what stands before the last dot; groups with failures first, each half by name. */
function groupsOf(tests: readonly TestResult[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const test of tests) {
    const dot = test.id.lastIndexOf('.');
    const name = dot < 0 ? test.id : test.id.slice(0, dot);
    const group = groups.get(name) ?? { name, tests: [] };
    group.tests.push(test);
    groups.set(name, group);
  }
  const failed = new Set([...groups.values()].filter((group) => group.tests.some(isFailed)));
  return [...groups.values()].toSorted((a, b) => {
    const byFailure = Number(failed.has(b)) - Number(failed.has(a));
    return byFailure === 0 ? Number(a.name > b.name) - Number(a.name < b.name) : byFailure;
  });
}
