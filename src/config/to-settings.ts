import type {
  CloudSettings,
  ImageBuildSettings,
  Job,
  JobPhase,
  LogSettings,
  NoticeSettings,
  Pipeline,
  ProjectSettings,
  RackSettings,
  ServerLabel,
  ServerPlace,
  Settings,
} from '../domain/settings.ts';
import type { BackendFiles } from './backend-files.ts';
import type { LabelFiles } from './label-files.ts';
import { cloudNameOf, placesOf } from './places.ts';
import { toBackend } from './to-backends.ts';
import type { Root, SectionEntry } from './schema/root.ts';
import { defaultRequestRate } from './schema/servers.ts';
import type { PlaceEntry } from './schema/servers.ts';

/** What lies outside the file, each list in the order of the file's. */
export interface Outside {
  readonly phases: readonly (readonly JobPhase[])[];
  readonly labels: readonly LabelFiles[];
  readonly resets: readonly (string | undefined)[];
  readonly backends: readonly BackendFiles[];
  readonly defaultCloud: string | undefined;
}

/** The file's words to the flow's. */
export function toSettings(root: Root, outside: Outside): Settings {
  const labels = root.labels.map((label, index) => toLabel(label, known(outside.labels[index]), outside.defaultCloud));
  return {
    name: root.name,
    contact: root.contact,
    wikiUrl: root.wiki_url,
    labels,
    clouds: toClouds(root, labels),
    racks: root.racks.map((rack, index) => toRack(rack, known(outside.resets[index]))),
    hold: { maxTtl: root.hold.max_ttl, maxServers: root.hold.max_servers },
    backends: root.backends.map((backend, index) => toBackend(backend, known(outside.backends[index]))),
    jobs: root.jobs.map((job, index) => toJob(job, outside.phases[index] ?? [])),
    pipelines: root.pipelines.map(toPipeline),
    projects: root.projects.map(toProject),
    changeSweep: {
      every: root.change_sweep.every,
      maxAge: root.change_sweep.max_age,
      limit: root.change_sweep.limit,
    },
    stormBrake: root.storm_brake,
    notices: toNotices(root.notices),
    logs: toLogs(root.logs.retention),
    limits: {
      console: root.limits.console,
      artifacts: root.limits.artifacts,
      artifactFiles: root.limits.artifact_files,
      unreachable: root.limits.unreachable,
    },
  };
}

function toLogs({ disk, failed, held, infra, passed }: Root['logs']['retention']): LogSettings {
  return { keep: { passed, failed, infra, held }, disk };
}

function toNotices({ after, again, every, remind }: Root['notices']): NoticeSettings {
  return { after, again, every, remind: remind === 'never' ? undefined : remind };
}

function toLabel(label: SectionEntry<'labels'>, files: LabelFiles, defaultCloud: string | undefined): ServerLabel {
  return {
    name: label.name,
    places: placesOf(label, defaultCloud).map(({ entry }) => toPlace(entry, files)),
    user: label.user,
    sshPort: label.ssh_port,
    bootTimeout: label.boot_timeout,
    sshTimeout: label.ssh_timeout,
    bootAttempts: label.boot_attempts,
    minReady: label.min_ready,
    max: label.max,
    maxAge: label.max_age,
    imageBuild: label.image_build && toImageBuild(label.image_build, files),
  };
}

function toPlace(entry: PlaceEntry, { userData }: LabelFiles): ServerPlace {
  if (entry.rack !== undefined) return { kind: 'rack', cloud: entry.rack };
  return {
    kind: 'openstack',
    cloud: cloudNameOf(known(entry.cloud), entry.region),
    image: known(entry.image),
    flavor: known(entry.flavor),
    networks: known(entry.networks),
    securityGroups: entry.security_groups ?? [],
    availabilityZones: entry.availability_zones ?? [],
    floatingNetwork: entry.floating_network ?? undefined,
    userData: entry.user_data ? known(userData.get(entry.user_data)) : undefined,
    configDrive: entry.config_drive ?? false,
    volume: entry.volume ? { size: entry.volume.size, type: entry.volume.type } : undefined,
    metadata: entry.metadata ?? {},
  };
}

function toImageBuild(
  { timeout, every, keep }: NonNullable<SectionEntry<'labels'>['image_build']>,
  { prepare, smoke }: LabelFiles,
): ImageBuildSettings {
  return { prepare: known(prepare), smoke: known(smoke), timeout, every, keep };
}

/** One for each cloud that labels name, with defaults where the file has none. */
function toClouds(root: Root, labels: readonly ServerLabel[]): readonly CloudSettings[] {
  const places = labels.flatMap((label) => label.places).filter(({ kind }) => kind === 'openstack');
  return [...new Set(places.map(({ cloud }) => cloud))].map((name) => {
    const limits = root.clouds.find((one) => cloudNameOf(one.name, one.region) === name);
    return {
      name,
      maxServers: limits?.max_servers,
      requestRate: limits?.requests_per_second ?? defaultRequestRate,
      sweep: limits?.sweep ?? 'delete',
    };
  });
}

function toRack({ name, hosts, reset_timeout }: SectionEntry<'racks'>, reset: string): RackSettings {
  return {
    name,
    hosts: hosts.map((host) => ({ name: host.name, address: host.address, hostKeys: host.host_key })),
    reset,
    resetTimeout: reset_timeout,
  };
}

function known<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error('a configuration without problems must be complete');
  return value;
}

function toJob(job: SectionEntry<'jobs'>, phases: readonly JobPhase[]): Job {
  return {
    name: job.name,
    label: job.label,
    backend: toJobBackend(job.backend),
    phases,
    timeout: job.timeout,
    attempts: job.attempts,
    voting: job.voting,
    testResults: job.test_results,
    environment: job.environment,
  };
}

function toJobBackend(backend: string | undefined): Job['backend'] {
  if (backend === undefined) return undefined;
  return backend === 'shared' || backend === 'dedicated' || backend === 'any' ? { kind: backend } : { name: backend };
}

function toPipeline(pipeline: SectionEntry<'pipelines'>): Pipeline {
  return {
    name: pipeline.name,
    triggers: pipeline.triggers.map(toTrigger),
    vote: pipeline.vote,
    priority: pipeline.priority,
    isSilent: pipeline.report === 'silent',
  };
}

function toTrigger(trigger: SectionEntry<'pipelines'>['triggers'][number]): Pipeline['triggers'][number] {
  if (typeof trigger === 'object')
    return 'recheck' in trigger
      ? { event: 'recheck', names: trigger.recheck }
      : { event: 'approval', ...trigger.approval };
  return trigger === 'recheck' ? { event: 'recheck', names: [] } : { event: trigger };
}

function toProject({
  branches,
  files,
  gerrit,
  hashtags,
  keep_verdict: keepVerdict,
  owners,
  pipelines,
  private: isPrivate,
  project,
  skip_when_only: skip,
  topics,
  urgent,
  votes,
  work_in_progress: workInProgress,
}: SectionEntry<'projects'>): ProjectSettings {
  const filter = { owners, topics, hashtags, workInProgress, private: isPrivate };
  const fileRules = files || skip || urgent ? { only: files, skip, urgent } : undefined;
  return { connection: gerrit, project, branches, pipelines, filter, fileRules, keepVerdict, votes };
}
