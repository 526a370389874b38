import { checkGerrit } from '../adapters/gerrit/check-gerrit.ts';
import { checkCloud } from '../adapters/openstack/check-cloud.ts';
import { checkCommand } from '../adapters/command/check-command.ts';
import { checkBackend } from '../adapters/zvm/check-backend.ts';
import { tryGuest } from '../adapters/zvm/try-guest.ts';
import type { Configuration, GerritConnection } from '../config/configuration.ts';
import { isLoopback } from '../config/references.ts';
import { loadConfiguration } from '../config/load.ts';
import { errorText } from '../domain/errors.ts';
import type { BackendSettings, VoteMode, VoteRule } from '../domain/settings.ts';
import { notChecked } from '../domain/finding.ts';
import type { Finding } from '../domain/finding.ts';
import { oneLine } from '../domain/sanitize.ts';
import { loadServerKey } from '../adapters/ssh/server-key.ts';
import { gerritAccess, objectStore } from '../neighbours.ts';
import { checkGuard } from './check-guard.ts';
import { checkNotices } from './check-notices.ts';
import { checkObjectStore } from './check-object-store.ts';
import { checkPublic } from './check-public.ts';
import { checkWorker } from './check-worker.ts';
import type { WorkerBackend } from './check-worker.ts';
import { checkRack } from './check-racks.ts';

export interface DoctorOptions {
  readonly config: string;
  /** Also makes and deletes a guest on each z/VM. */
  readonly try?: boolean;
  /** Name or address of a test server that is up. */
  readonly worker?: string;
}

/** `sidegate doctor`: really connects to every neighbour with the configured accounts. 0 when nothing is wrong, 1 otherwise. */
export async function doctor({ config, try: isTried, worker }: DoctorOptions): Promise<number> {
  const configuration = await loadConfiguration(config, process.env);
  const checks = [
    ...configuration.gerrit.map((connection) => ({
      title: `Gerrit ${connection.name}`,
      findings: settled(checkGerrit(gerritAccess(connection), expectation(configuration, connection))),
    })),
    ...configuration.clouds.map((cloud) => ({
      title: `Cloud ${cloud.name}`,
      findings: settled(checkCloud(cloud, labelsOf(configuration, cloud.name))),
    })),
    ...configuration.settings.racks.map((rack) => ({
      title: `Rack ${rack.name}`,
      findings: settled(
        serverKey(configuration).then((key) => checkRack(rack, labelsOf(configuration, rack.name), key)),
      ),
    })),
    ...configuration.settings.backends.map((backend) => ({
      title: `Back end ${backend.name}`,
      findings: settled(checkOneBackend(configuration, backend, { isTried, worker })),
    })),
    ...(isTryOut(configuration)
      ? []
      : [{ title: 'What reviewers open', findings: settled(publicFindings(configuration)) }]),
    ...(hasChannels(configuration) ? [{ title: 'Notices', findings: settled(checkNotices(configuration)) }] : []),
    ...uploadChecks(configuration),
    ...(worker === undefined
      ? []
      : [{ title: `Test server ${worker}`, findings: settled(checkWorker(config, worker, feilongs(configuration))) }]),
  ];
  const all: Finding[] = [];
  for (const { title, findings } of checks) {
    console.log(title);
    for (const finding of await findings) {
      all.push(finding);
      console.log(findingText(finding));
    }
  }
  const unchecked = all.filter((finding) => finding.unchecked).length;
  const wrong = all.filter(({ ok }) => !ok).length - unchecked;
  console.log(`\n${summary(wrong, unchecked)}`);
  return wrong === 0 ? 0 : 1;
}

/** Where Gerrit is on this machine, nobody else opens anything. */
function isTryOut({ gerrit }: Configuration): boolean {
  return gerrit.every(({ host }) => isLoopback(host));
}

function hasChannels({ notices }: Configuration): boolean {
  return notices.email !== undefined || notices.webhooks.length > 0;
}

function uploadChecks(configuration: Configuration) {
  const objects = objectStore(configuration);
  return objects ? [{ title: `Logs in ${objects.place}`, findings: settled(checkObjectStore(objects)) }] : [];
}

function publicFindings({ settings, web }: Configuration): Promise<readonly Finding[]> {
  return checkPublic(web.publicUrl, settings.wikiUrl);
}

function summary(wrong: number, unchecked: number): string {
  if (wrong === 0 && unchecked === 0) return 'All is right.';
  const bad = wrong === 0 ? 'Nothing is wrong' : `${count(wrong)} wrong`;
  return unchecked === 0 ? `${bad}.` : `${bad}, ${count(unchecked)} not checked.`;
}

function count(things: number): string {
  return things === 1 ? '1 thing is' : `${things} things are`;
}

async function checkOneBackend(
  configuration: Configuration,
  { name, driver, slots, worker }: BackendSettings,
  { isTried, worker: server }: { readonly isTried: boolean | undefined; readonly worker: string | undefined },
): Promise<readonly Finding[]> {
  if (driver.kind === 'command') return checkCommand(name, driver);
  const options = { name, url: driver.url, ...accessOf(configuration, name) };
  const prefixes = slots.map(({ prefix }) => prefix);
  const vswitches = driver.guard?.vswitches;
  const found = await checkBackend({ ...options, prefixes, vswitches, disk: worker.disk });
  const guard = driver.guard ? await checkGuard(driver.guard) : [];
  const copies =
    server === undefined ? [notChecked(copiesText, '', '`sidegate doctor --worker SERVER` tries it.')] : [];
  return [...found, ...guard, ...(await tryPrivileges()), ...copies];

  async function tryPrivileges(): Promise<readonly Finding[]> {
    if (!isTried) return [notChecked(privilegesText, '', '`sidegate doctor --try` tries them with a guest.')];
    const isWell = found.every(({ ok, unchecked }) => ok || unchecked);
    if (isWell) return tryGuest(options, prefixes[0]!, vswitches);
    return [notChecked(privilegesText, 'no guest is made while something above is wrong')];
  }
}

const copiesText = 'copies between Feilong and test servers, and their way to the guard';
const privilegesText = 'what Feilong’s userid may do';

function accessOf({ backends }: Configuration, name: string) {
  const access = backends.find((one) => one.name === name);
  return { token: access?.token, ca: access?.ca };
}

function feilongs(configuration: Configuration): readonly WorkerBackend[] {
  return configuration.settings.backends.flatMap(({ driver, name }) =>
    driver.kind === 'feilong'
      ? [{ options: { name, url: driver.url, ...accessOf(configuration, name) }, guard: driver.guard }]
      : [],
  );
}

/** A check that breaks is a finding, and the others are told all the same. All checks run at once. */
async function settled(findings: Promise<readonly Finding[]>): Promise<readonly Finding[]> {
  return findings.catch((error: unknown) => [
    { ok: false, what: 'check', detail: errorText(error), todo: 'See the detail.' },
  ]);
}

function findingText({ ok, what, detail, todo, unchecked }: Finding): string {
  const mark = unchecked ? 'not checked' : ok ? 'ok   ' : 'WRONG';
  const line = `  ${mark}  ${what}${detail === '' ? '' : `: ${oneLine(detail, 500)}`}`;
  return ok || todo === '' ? line : `${line}\n         → ${oneLine(todo, 500)}`;
}

/** The key servers get; made here when this is the first start. */
async function serverKey({ ssh, state }: Configuration): Promise<string> {
  return (await loadServerKey(ssh.privateKeyFile, state.directory)).privateKey;
}

function labelsOf({ settings }: Configuration, cloud: string) {
  return settings.labels.filter(({ places }) => places.some((place) => place.cloud === cloud));
}

function expectation({ settings }: Configuration, connection: GerritConnection) {
  const projects = settings.projects.filter((project) => project.connection === connection.name);
  return {
    ciName: settings.name,
    projects: projects.map(({ branches, project, pipelines, votes: mode }) => ({
      project,
      branches,
      votes: settings.pipelines.flatMap(({ isSilent, name, vote }) =>
        Object.hasOwn(pipelines, name) && vote && !isSilent
          ? valuesOf(vote, mode).map((value) => ({ label: vote.label, value }))
          : [],
      ),
    })),
  };
}

/** What may be posted; nobody needs a right that the configuration does not use. */
function valuesOf({ failure, success }: VoteRule, mode: VoteMode): readonly number[] {
  if (mode === 'none') return [];
  return mode === 'positive' ? [success] : [success, failure];
}
