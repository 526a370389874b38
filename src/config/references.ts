import { isIP } from 'node:net';
import { below } from './findings.ts';
import type { Findings, Place } from './findings.ts';
import { checkBackends } from './backends.ts';
import { checkJobs } from './jobs.ts';
import { checkKnown, checkUnique } from './names.ts';
import type { Parts } from './sections.ts';

/** What no schema of a single entry can see: names that must exist, be unique, or fit together. */
export function checkReferences(parts: Parts, findings: Findings): void {
  for (const section of ['gerrit', 'racks', 'labels', 'backends', 'jobs', 'pipelines'] as const) {
    const named = parts.entries[section].map(({ place, value }) => ({ place: below(place, 'name'), name: value.name }));
    checkUnique(named, findings);
  }
  checkBackends(parts.entries.backends, findings);
  checkJobs(parts, findings);
  checkProjects(parts, findings);
  checkUse(parts, findings);
  checkPublicUrl(parts, findings);
}

function checkProjects(parts: Parts, findings: Findings): void {
  for (const { place, value } of parts.entries.projects) {
    checkKnown(value.gerrit, parts.names.gerrit, { place: below(place, 'gerrit'), what: 'Gerrit' }, findings);
    for (const [pipeline, jobs] of Object.entries(value.pipelines ?? {})) {
      const at = below(place, 'pipelines', pipeline);
      checkKnown(pipeline, parts.names.pipelines, { place: at, what: 'pipeline' }, findings);
      if (value.project?.includes('*') && isPeriodic(pipeline, parts))
        findings.error(
          at,
          'runs by the clock, which needs the names of projects.',
          'Give each of them an entry without `*`.',
        );
      const entries = jobs.map((name, index) => ({ place: below(at, index), name }));
      for (const job of entries) checkKnown(job.name, parts.names.jobs, { place: job.place, what: 'job' }, findings);
      checkUnique(entries, findings);
    }
  }
}

function isPeriodic(pipeline: string, { entries }: Parts): boolean {
  const found = entries.pipelines.find(({ value }) => value.name === pipeline);
  return (found?.value.triggers ?? []).some((trigger) => typeof trigger === 'object' && 'periodic' in trigger);
}

/** Written and never run is rarely meant. Only told when all projects could be read. */
function checkUse(parts: Parts, findings: Findings): void {
  if (!parts.root) return;
  const pipelines = new Set(parts.entries.projects.flatMap(({ value }) => Object.keys(value.pipelines ?? {})));
  const parents = parts.entries.jobs.map(({ value }) => value.parent);
  const jobs = new Set([
    ...parts.entries.projects.flatMap(({ value }) => Object.values(value.pipelines ?? {}).flat()),
    ...parents,
  ]);
  for (const [section, used] of [
    ['pipelines', pipelines],
    ['jobs', jobs],
  ] as const) {
    for (const { place, value } of parts.entries[section]) {
      if (value.name !== undefined && !used.has(value.name))
        findings.warning(below(place, 'name'), `no project uses ${value.name}.`);
    }
  }
}

/** Reviewers must be able to open the links in the comment. On a try-out where Gerrit is local too, anything goes. */
function checkPublicUrl(parts: Parts, findings: Findings): void {
  const place: Place = { source: parts.source, path: ['web', 'public_url'] };
  if (!parts.root || parts.root.gerrit.every(({ host }) => isLoopback(host))) return;
  const host = new URL(parts.root.web.public_url).hostname.replace(/^\[|\]$/g, '');
  if (isLoopback(host))
    findings.warning(place, 'reviewers cannot open this address.', 'Take the public name of this machine.');
  else if (isIP(host) !== 0) findings.warning(place, 'OpenStack asks for a DNS name instead of an IP address.');
  if (parts.root.wiki_url === undefined) {
    const at: Place = { source: parts.source, path: ['wiki_url'] };
    findings.warning(at, 'is missing.', 'OpenStack wants a link to the wiki page of the CI in every comment.');
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.[0-9.]+$/.test(host);
}
