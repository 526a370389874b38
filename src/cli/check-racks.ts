import { createSshRemoteJobs } from '../adapters/ssh/ssh-remote-jobs.ts';
import { SidegateError, errorText } from '../domain/errors.ts';
import type { Finding } from '../domain/finding.ts';
import type { RackHost, RackSettings, ServerLabel } from '../domain/settings.ts';
import { checkSyntax } from '../shared/script-syntax.ts';

/** For `sidegate doctor`: logs in to each host of a rack as each of its labels does, with the pinned host keys, and reads the reset script. Resets nothing. */
export async function checkRack(
  rack: RackSettings,
  labels: readonly ServerLabel[],
  privateKey: string,
): Promise<readonly Finding[]> {
  const findings = [await checkSyntax('reset script', rack.reset)];
  if (labels.length === 0) return [...findings, { ok: true, what: 'labels', detail: 'none uses it', todo: '' }];
  for (const host of rack.hosts)
    for (const label of oneOfEachLogin(labels)) findings.push(await checkHost(host, label, privateKey));
  return findings;
}

function oneOfEachLogin(labels: readonly ServerLabel[]): readonly ServerLabel[] {
  return [...new Map(labels.map((label) => [`${label.user} ${label.sshPort}`, label])).values()];
}

async function checkHost(host: RackHost, { user, sshPort }: ServerLabel, privateKey: string): Promise<Finding> {
  const what = `host ${host.name}: login as ${user}`;
  const jobs = createSshRemoteJobs(privateKey);
  try {
    await jobs.checkLogin({ address: host.address, port: sshPort, user, hostKeys: host.hostKeys });
    return { ok: true, what, detail: '', todo: '' };
  } catch (error) {
    if (error instanceof SidegateError) return { ok: false, what, detail: error.detail, todo: todoFor(error) };
    return { ok: false, what, detail: errorText(error), todo: 'Report this as a bug of sidegate.' };
  } finally {
    jobs.close();
  }
}

/** A host of a rack has no security group; most often it does not know the key. */
function todoFor({ code, todo }: SidegateError): string {
  return code === 'ssh-unreachable' ? 'Put sidegate’s public key on the host: docs/cloud.md, "A rack of hosts".' : todo;
}
