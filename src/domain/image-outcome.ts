import type { Verdict } from './verdict.ts';

/** Name of the phase that sets the test server up; its failures say more about the image than about the patch. */
const provisionPhase = 'provision';

/** A new image is taken back when so many builds failed to provision on it and none got past it. */
export const failuresThatCondemn = 2;

/** What the image of a test server can be the cause of; the rest is the cloud's, the back end's or our own. */
const codesOfImages: ReadonlySet<string> = new Set([
  'server-boot-failed',
  'server-boot-timeout',
  'server-lost',
  'ssh-unreachable',
  'ssh-host-key',
  'job-lost',
  'job-silent',
  'server-rebooted',
  'server-panicked',
  'server-out-of-memory',
  'disk-full',
]);

/** What one build, or one server that did not boot, says about the image it had. */
export type ImageOutcome = 'good' | 'bad';

export interface BuildOnImage {
  readonly verdict: Pick<Verdict, 'result' | 'errorCode'>;
  /** Names of the job's phases in their order. */
  readonly phases: readonly string[];
  /** Those that were begun on the test server. */
  readonly begun: readonly string[];
}

export function mayBeOfImage(code: string | undefined): boolean {
  return code !== undefined && codesOfImages.has(code);
}

/** Undefined: it says nothing, as when the back end was out of order or the patch could not be fetched. */
export function imageOutcome({ verdict, phases, begun }: BuildOnImage): ImageOutcome | undefined {
  const { result, errorCode } = verdict;
  const last = Math.max(...begun.map((phase) => phases.indexOf(phase)), -1);
  const provisioning = Math.max(phases.indexOf(provisionPhase), 0);
  if (result === 'SUCCESS' || last > provisioning) return 'good';
  if (result === 'ABORTED' || result === 'MERGE_CONFLICT') return undefined;
  if (result === 'NODE_FAILURE') return mayBeOfImage(errorCode) ? 'bad' : undefined;
  if (phases[last] === provisionPhase) return 'bad';
  // Tests that failed were run.
  return result === 'FAILURE' ? 'good' : undefined;
}

/** One good build is enough: later failures have another cause. */
export function isCondemned({ goodBuilds, badBuilds }: { goodBuilds: number; badBuilds: number }): boolean {
  return goodBuilds === 0 && badBuilds >= failuresThatCondemn;
}
