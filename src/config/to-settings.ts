import type { Job, JobPhase, Pipeline, ServerLabel, Settings } from '../domain/settings.ts';
import type { Root, SectionEntry } from './schema/root.ts';

/** The file's words to the flow's. `phases` are those of the jobs, in their order. */
export function toSettings(root: Root, phases: readonly (readonly JobPhase[])[]): Settings {
  return {
    name: root.name,
    contact: root.contact,
    wikiUrl: root.wiki_url,
    labels: root.labels.map(toLabel),
    backends: root.backends,
    jobs: root.jobs.map((job, index) => toJob(job, phases[index] ?? [])),
    pipelines: root.pipelines.map(toPipeline),
    projects: root.projects.map(({ gerrit, ...project }) => ({ connection: gerrit, ...project })),
    limits: {
      console: root.limits.console,
      artifacts: root.limits.artifacts,
      artifactFiles: root.limits.artifact_files,
      unreachable: root.limits.unreachable,
    },
  };
}

function toLabel(label: SectionEntry<'labels'>): ServerLabel {
  return {
    name: label.name,
    cloud: label.cloud,
    image: label.image,
    flavor: label.flavor,
    networks: label.networks,
    securityGroups: label.security_groups,
    availabilityZone: label.availability_zone,
    user: label.user,
    sshPort: label.ssh_port,
    bootTimeout: label.boot_timeout,
    minReady: label.min_ready,
    max: label.max,
  };
}

function toJob(job: SectionEntry<'jobs'>, phases: readonly JobPhase[]): Job {
  return {
    name: job.name,
    label: job.label,
    backend: toBackend(job.backend),
    phases,
    timeout: job.timeout,
    attempts: job.attempts,
    voting: job.voting,
    testResults: job.test_results,
    environment: job.environment,
  };
}

function toBackend(backend: string | undefined): Job['backend'] {
  if (backend === undefined) return undefined;
  return backend === 'shared' || backend === 'dedicated' || backend === 'any' ? { kind: backend } : { name: backend };
}

function toPipeline(pipeline: SectionEntry<'pipelines'>): Pipeline {
  return {
    name: pipeline.name,
    triggers: pipeline.triggers.map(toTrigger),
    vote: pipeline.vote,
    priority: pipeline.priority,
  };
}

function toTrigger(trigger: SectionEntry<'pipelines'>['triggers'][number]): Pipeline['triggers'][number] {
  if (typeof trigger === 'object') return { event: 'recheck', names: trigger.recheck };
  return trigger === 'recheck' ? { event: 'recheck', names: [] } : { event: 'patchset-created' };
}
