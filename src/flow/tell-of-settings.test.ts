import { afterEach, beforeEach, expect, test } from 'vitest';
import { anyJob, prepareCloudFlow } from '../../test/flow/cloud-flow.ts';
import type { CloudFlow } from '../../test/flow/cloud-flow.ts';
import type { Exclusion } from '../domain/exclusion.ts';
import { createSettingsTeller } from './tell-of-settings.ts';

let ci: CloudFlow;
beforeEach(async () => {
  ci = await prepareCloudFlow();
});
afterEach(() => ci.drop());

const entry = (id: string, until: string | undefined): Exclusion => ({
  id,
  until,
  regex: `test_${id}`,
  reason: 'bug 1',
});

function teller(excluded: readonly Exclusion[]) {
  const settings = { ...ci.flow.settings, jobs: [{ ...anyJob, excluded }] };
  return createSettingsTeller({ store: ci.flow.store, settings });
}

async function notices() {
  const { rows } = await ci.rows.database.pool.query<{ subject: string; text: string; count: number }>(
    `select subject, text, count from notices where code = 'exclude-expired' and closed_at is null order by subject`,
  );
  return rows;
}

test('an entry whose day has come is told once, others are not', async () => {
  const tell = teller([entry('old', '2020-01-01'), entry('later', '2999-01-01'), entry('never', undefined)]);

  await tell();
  await tell();

  const text = 'job tests old (test_old) again since 2020-01-01. It was left out because: bug 1';
  expect(await notices()).toEqual([{ subject: 'job: old', text, count: 1 }]);
});

test('it is over when the configuration has the entry no more', async () => {
  await teller([entry('old', '2020-01-01'), entry('older', '2019-01-01')])();
  await teller([entry('older', '2019-01-01')])();

  expect((await notices()).map(({ subject }) => subject)).toEqual(['job: older']);
});

test('a carried change that is merged is told no more when no job names it', async () => {
  await ci.rows.store.saveNotice({ code: 'carry-over', subject: 'carried change 7 on review in job', text: 'x' });
  const carry = [{ connection: 'review', number: 7, reason: 'x', branches: undefined }];
  const carrying = { ...ci.flow.settings, jobs: [{ ...anyJob, carry }] };

  await createSettingsTeller({ store: ci.flow.store, settings: carrying })();
  const before = await ci.notices();
  await teller([])();

  expect([before, await ci.notices()]).toEqual([['carry-over carried change 7 on review in job'], []]);
});
