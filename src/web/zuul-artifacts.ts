import { junitFile, manifestFile } from '../domain/log-path.ts';
import type { BuildRow } from '../ports/status.ts';

/** As builds of Zuul's API have them: tools find the log files and the test results of a build by the type. */
export interface ZuulArtifact {
  readonly name: string;
  readonly url: string;
  readonly metadata: { readonly type: string };
}

/** `files`: those that the log folder has; undefined: it was not looked at, so what a build of that kind leaves until its logs expire. */
export function zuulArtifacts(
  build: BuildRow,
  logUrl: string,
  files: readonly { readonly path: string }[] | undefined,
): readonly ZuulArtifact[] {
  const isThere = (name: string) => files === undefined || files.some(({ path }) => path === name);
  const hasRun = build.state === 'done' && build.startedAt !== undefined;
  const offered: readonly (ZuulArtifact | false)[] = [
    hasRun && isThere(manifestFile) && artifact('Zuul Manifest', logUrl + manifestFile, 'zuul_manifest'),
    build.tests !== undefined &&
      isThere(junitFile) &&
      artifact('JUnit results', logUrl + junitFile, 'unit_test_report'),
  ];
  return offered.filter((one) => one !== false);
}

function artifact(name: string, url: string, type: string): ZuulArtifact {
  return { name, url, metadata: { type } };
}
