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
import type { Signature } from '../domain/signatures/signature.ts';
import type { BackendFiles } from './backend-files.ts';
import type { LabelFiles } from './label-files.ts';
import { toCarry } from './carry.ts';
import { exclusionsOf, presetEnvironment } from './exclusions.ts';
import { inherit, lineageOf, mergePhases } from './inherit-jobs.ts';
import { cloudNameOf, placesOf } from './places.ts';
import type { Presets } from './presets.ts';
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
  readonly signatures: readonly Signature[];
  readonly presets: Presets;
  readonly defaultCloud: string | undefined;
}

const jobDefaults = { timeout: 3 * 3_600_000, attempts: 3, voting: true };

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
    jobs: toJobs(root, outside),
    pipelines: root.pipelines.map(toPipeline),
    projects: root.projects.map(toProject),
    signatures: outside.signatures,
    changeSweep: {
      every: root.change_sweep.every,
      maxAge: root.change_sweep.max_age,
      limit: root.change_sweep.limit,
    },
    stormBrake: root.storm_brake,
    notices: toNotices(root.notices),
    logs: toLogs(root.logs),
    limits: {
      console: root.limits.console,
      artifacts: root.limits.artifacts,
      artifactFiles: root.limits.artifact_files,
      unreachable: root.limits.unreachable,
    },
  };
}

function toLogs({ retention, upload }: Root['logs']): LogSettings {
  const { disk, failed, held, infra, passed } = retention;
  return { keep: { passed, failed, infra, held }, disk, keepLocal: upload?.keep_local ?? 0 };
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

/** Jobs that only others inherit from may have no label or phases: they are none that could run. */
function toJobs({ gerrit, jobs }: Root, { phases, presets }: Pick<Outside, 'phases' | 'presets'>): readonly Job[] {
  return jobs.flatMap((job) => {
    const lineage = lineageOf(job, jobs);
    const label = inherit('label', job, jobs);
    const merged = lineage
      .map((one) => phases[jobs.indexOf(one as SectionEntry<'jobs'>)] ?? [])
      .reduceRight<readonly JobPhase[]>(mergePhases, []);
    if (label === undefined || merged.length === 0) return [];
    const carry = toCarry(inherit('carry', job, jobs), gerrit);
    const own = toJob(job, jobs);
    const environment = { ...own.environment, ...presetEnvironment(own.environment, presets) };
    const excluded = exclusionsOf(own.environment, presets);
    return [{ ...own, label, phases: inOrder(merged), environment, carry, excluded }];
  });
}

/** As they run. */
function inOrder(phases: readonly JobPhase[]): readonly JobPhase[] {
  return [...phases.filter(({ always }) => !always), ...phases.filter(({ always }) => always)];
}

function toJob(job: SectionEntry<'jobs'>, jobs: Root['jobs']): Omit<Job, 'label' | 'phases' | 'carry' | 'excluded'> {
  return {
    name: job.name,
    backend: toJobBackend(inherit('backend', job, jobs)),
    timeout: inherit('timeout', job, jobs) ?? jobDefaults.timeout,
    attempts: inherit('attempts', job, jobs) ?? jobDefaults.attempts,
    voting: inherit('voting', job, jobs) ?? jobDefaults.voting,
    testResults: inherit('test_results', job, jobs),
    artifacts: toArtifacts(lineageOf(job, jobs)),
    environment: Object.assign(
      {},
      ...lineageOf(job, jobs)
        .map(({ environment }) => environment)
        .toReversed(),
    ) as Job['environment'],
  };
}

/** The first that matches decides: a job's own come before its parent's. */
function toArtifacts(lineage: ReturnType<typeof lineageOf>): Job['artifacts'] & {} {
  return lineage
    .flatMap(({ artifacts }) => artifacts ?? [])
    .map(({ max_size: maxSize, paths, to = 'controller/logs', when }) => ({ paths, maxSize, when, to }));
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
  if (typeof trigger === 'string') return trigger === 'recheck' ? { event: 'recheck', names: [] } : { event: trigger };
  if ('recheck' in trigger) return { event: 'recheck', names: trigger.recheck };
  if ('periodic' in trigger) return { event: 'periodic', times: trigger.periodic };
  return { event: 'approval', ...trigger.approval };
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
