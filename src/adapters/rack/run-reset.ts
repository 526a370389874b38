import type { RackHost, RackSettings } from '../../domain/settings.ts';
import { claimTime } from '../../ports/rack-hosts.ts';
import { startScript } from '../../shared/run-script.ts';
import type { ScriptRun } from '../../shared/run-script.ts';

/** The reset script at work for one host. It ends with undefined when the host is as new, else with what went wrong, as one line. */
export type ResetRun = ScriptRun<string | undefined>;

export function startReset(rack: Pick<RackSettings, 'reset' | 'resetTimeout'>, host: RackHost): ResetRun {
  const run = startScript({
    script: rack.reset,
    input: '',
    environment: { SIDEGATE_HOST: host.name, SIDEGATE_ADDRESS: host.address },
    timeout: rack.resetTimeout,
    holdTime: claimTime / 2,
    maxAnswer: 0,
  });
  return { ...run, done: run.done.then((end) => (end.ok ? undefined : end.trouble)) };
}
