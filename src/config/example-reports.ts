import { buildLogPath } from '../domain/log-path.ts';
import { lintedReport } from '../domain/report-text.ts';
import { below } from './findings.ts';
import type { Findings } from './findings.ts';
import { inherit } from './inherit-jobs.ts';
import type { Root } from './schema/root.ts';
import type { Parts } from './sections.ts';

/** The linter on an example of each comment that would be posted: the worst one, in which every job has failed. */
export function checkExampleReports({ entries, root }: Parts, findings: Findings): void {
  if (!root) return;
  for (const { place, value } of entries.projects) {
    for (const [pipeline, jobs] of Object.entries(value.pipelines ?? {})) {
      if (!root.pipelines.some(({ name }) => name === pipeline)) continue;
      const { flaws, form } = exampleReport(root, pipeline, jobs);
      const what = `the linter takes exception to its comment: ${flaws.join('; ')}.`;
      const at = below(place, 'pipelines', pipeline);
      if (form === 'reduced')
        findings.warning(at, what, 'It is posted without details: give the job another name to have them.');
      if (form === 'unreadable')
        findings.error(at, what, 'Gerrit’s summary tab would not show it: change the names, or take fewer jobs.');
    }
  }
}

function exampleReport(root: Root, pipeline: string, jobs: readonly string[]) {
  const build = '0a1b2c3d-1111-4222-8333-444455556666';
  return lintedReport({
    pipeline,
    ciName: root.name,
    contact: root.contact,
    wikiUrl: root.wiki_url,
    recheck: `run-${root.name}`,
    builds: jobs.map((job) => ({
      job,
      url: `${root.web.public_url}/logs/${buildLogPath({ change: 1_000_000, patchset: 100, pipeline, job, build })}`,
      result: 'FAILURE',
      reason: '1 of 100 tests failed.',
      durationMs: 3_723_000,
      voting: inherit('voting', root.jobs.find(({ name }) => name === job) ?? {}, root.jobs) ?? true,
      failedTests: ['tempest.api.compute.servers.test_create_server.ServersTestJSON.test_verify_server_details'],
      tests: { passed: 99, failed: 1, skipped: 10 },
    })),
  });
}
