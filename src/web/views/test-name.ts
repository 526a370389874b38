import { html } from 'hono/html';
import { passedAgain } from '../../domain/results/run-again.ts';
import { hiddenGroup, splitTestId } from '../../domain/results/test-id.ts';
import type { TestOutcome, TestResult } from '../../domain/test-result.ts';
import { visible } from '../text.ts';
import type { Html } from '../text.ts';
import { chip } from './parts.ts';

const outcomeWords: Record<TestOutcome, string> = {
  failed: 'Failed',
  'unexpected-success': 'Unexpected success',
  incomplete: 'Never ended',
  passed: 'Passed',
  'expected-failure': 'Expected failure',
  skipped: 'Skipped',
};

type Ended = Pick<TestResult, 'again' | 'outcome'>;

export function outcomeText(test: Ended): string {
  if (passedAgain(test)) return 'Failed, passed when run again';
  return test.outcome === 'failed' && test.again === 'failed' ? 'Failed twice' : outcomeWords[test.outcome];
}

/** Of one that failed in some way. */
export function failureChip(test: Ended): Html {
  return chip(passedAgain(test) ? 'warn' : 'bad', outcomeText(test));
}

/** `test_method` loud, then `module.Class` quiet; the tags in brackets at the end are noise, but for who hovers. */
export function testNameLabel(id: string): Html {
  const { path, method } = testName(id);
  const quiet = path === '' ? html`` : html` <span class="soft path">${visible(path, 300)}</span>`;
  return html`<span class="test-name mono" title="${visible(id, 600)}"><b>${visible(method, 300)}</b>${quiet}</span>`;
}

export function testName(id: string): { readonly path: string; readonly method: string } {
  if (hiddenGroup(id) !== undefined) {
    const { group, name } = splitTestId(id);
    return { path: group, method: name };
  }
  const [, path = '', method = id] = /^(?:([^[]*)\.)?([^.[]+)(?:\[.*)?$/.exec(id) ?? [];
  return { path, method };
}

export function took(test: Pick<TestResult, 'duration'>): Html {
  return test.duration === undefined
    ? html``
    : html`<span class="took num soft">${(test.duration / 1000).toFixed(test.duration < 10_000 ? 2 : 1)}s</span>`;
}
