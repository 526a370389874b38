import { SidegateError } from '../domain/errors.ts';
import type { ImageBuildSettings } from '../domain/settings.ts';
import type { JobEnd } from '../domain/verdict.ts';
import type { RemoteJob } from '../ports/remote-jobs.ts';
import type { ServerRecord } from '../ports/server-store.ts';
import type { ImageWork } from './build-image.ts';
import { followJob } from './follow-job.ts';
import { remoteHostOf } from './remote-host.ts';

/** What the snapshot must not miss, and what it need not carry: data not yet on the disk, and the folder the script worked in. */
const sealScript = `find . -mindepth 1 -delete
rm -rf -- "$SIDEGATE_ARTIFACTS"/*
sync
`;

/** Runs `prepare` or `smoke` on its server, detached: a restart of sidegate goes on with it. Its console goes to the log archive. */
export async function runImageScript(work: ImageWork, server: ServerRecord, name: 'prepare' | 'smoke'): Promise<void> {
  const path = `${work.image.logPath}${name}.txt`;
  const host = remoteHostOf(work.flow, server);
  if (!host) throw new SidegateError('server-lost', `${server.name} has no address`);
  // A script that says nothing has a console too.
  await work.flow.archive.writeAt(path, await work.flow.archive.size(path), Buffer.alloc(0));
  const end = await followJob(work.flow, {
    host,
    job: scriptJob(work, name),
    path,
    signal: new AbortController().signal,
    findServer: () => work.flow.store.findServer(server.id),
    onConsole: () => {},
    onPhase: () => {},
  });
  if (end.kind === 'exited' && end.status === 0) return;
  throw new SidegateError('image-failed', `The ${name} script ${endText(end)}: see ${work.flow.logsUrl}${path}`);
}

function scriptJob({ flow, image, lease, settings }: ImageWork, name: 'prepare' | 'smoke'): RemoteJob {
  return {
    // Not the same for both: the canary has the home directory of the server that was prepared.
    id: `${name}-${image.id}`,
    epoch: lease.epoch,
    phases: phasesOf(settings, name),
    environment: { SIDEGATE_IMAGE: image.name, SIDEGATE_LABEL: image.label },
    timeout: settings.timeout,
    consoleLimit: flow.settings.limits.console,
  };
}

function phasesOf(settings: ImageBuildSettings, name: 'prepare' | 'smoke'): RemoteJob['phases'] {
  const own = { name, script: settings[name] };
  return name === 'prepare' ? [own, { name: 'seal', script: sealScript }] : [own];
}

function endText(end: JobEnd): string {
  switch (end.kind) {
    case 'exited':
      return `ended with status ${end.status}`;
    case 'timed-out':
      return 'took longer than its limit';
    case 'disk-full':
      return 'filled the disk of the server';
    case 'out-of-memory':
      return 'failed after the server had run out of memory';
    case 'rebooted':
      return 'did not survive a reboot of the server';
    case 'panicked':
      return 'did not survive a panic of the server’s kernel';
    case 'silent':
      return 'gave no sign of life any more';
    case 'lost':
      return 'vanished from the server';
  }
}
