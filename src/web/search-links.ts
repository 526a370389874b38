/** Where a text is looked for in all logs of one build. */
export function searchBuild(build: string, text: string): string {
  return `/search?${new URLSearchParams({ text, build }).toString()}`;
}

/** Where a text of a log, named by the parts of its path, is looked for in other builds of the same job. */
export function searchOtherRuns(names: readonly string[], text: string | undefined): string {
  const job = jobOfLog(names);
  const query = new URLSearchParams({ ...(text !== undefined && { text }), ...(job !== undefined && { job }) });
  return `/search?${query.toString()}`;
}

/** `45/12345/2/check/JOB/0a1b2c3/…`, or `0a/0a1b…/periodic/JOB/0a1b2c3/…`. */
function jobOfLog(names: readonly string[]): string | undefined {
  const owner = /^(?:\d\d\/\d+\/\d+|[\da-f]{2}\/[\da-f]{40})\/\w+\/([^/]+)\/[\da-f]{7}\//;
  return owner.exec(names.join('/'))?.[1];
}
