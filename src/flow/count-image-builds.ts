import { imageOutcome, mayBeOfImage } from '../domain/image-outcome.ts';
import type { Verdict } from '../domain/verdict.ts';
import type { RunningBuild } from '../ports/build-store.ts';
import type { ServerRecord, Why } from '../ports/server-store.ts';
import type { Store } from '../ports/store.ts';
import type { Flow } from './context.ts';

/** Notes what a build that ends says about the image of its server. */
export async function countBuildOnImage(
  { settings }: Pick<Flow, 'settings'>,
  tx: Store,
  { build, verdict }: { build: RunningBuild; verdict: Verdict },
): Promise<void> {
  const job = settings.jobs.find(({ name }) => name === build.job);
  const label = settings.labels.find(({ name }) => name === job?.label);
  if (!job || !label?.imageBuild) return;
  const on = await tx.imageOfBuild(build.id);
  if (!on) return;
  const phases = job.phases.map(({ name }) => name);
  const outcome = imageOutcome({ verdict, phases, begun: on.begun });
  if (outcome) await tx.countOnImage(on.image, outcome);
}

/** The same for a server that did not boot; the build that waits for it gets another one. */
export async function countBootFailureOnImage(
  { clouds }: Pick<Flow, 'clouds'>,
  tx: Store,
  { server, why }: { server: ServerRecord; why: Why },
): Promise<void> {
  const { image, purpose, cloud } = server;
  if (image === undefined || purpose !== 'build' || !mayBeOfImage(why.code)) return;
  // A cloud that does not answer lets every boot run out of time.
  if (clouds.get(cloud)?.health().state !== 'closed') return;
  await tx.countOnImage(image, 'bad');
}
