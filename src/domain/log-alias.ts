/** `45/12345/2/check/JOB/0a1b2c3` of a change, `0a/0a1b…/periodic/JOB/0a1b2c3` of a commit. */
const changeFolder = /^\d\d\/\d+\/\d+\/\w+\/[^/]+\/[0-9a-f]{7}$/;
const commitFolder = /^[0-9a-f]{2}\/[0-9a-f]{40}\/\w+\/[^/]+\/[0-9a-f]{7}$/;

/** Where what neutron asks third-party CIs for at the root of the logs is in the tree of today's jobs. */
const aliases: Readonly<Record<string, string>> = {
  'console.html': 'job-output.txt',
  'console.txt': 'job-output.txt',
  'job-output.txt': 'job-output.txt',
  'local.conf': 'controller/logs/local_conf.txt',
  localrc: 'controller/logs/local_conf.txt',
  'tempest.txt': 'controller/logs/tempest_log.txt',
  'testr_results.html': 'testr_results.html.gz',
  'testrepository.subunit': 'testrepository.subunit',
  logs: 'controller/logs',
};

/**
 * Where a file may be that is not where it was asked for: under the names of older CIs' log trees, also packed (`console.html.gz`,
 * `logs/screen-n-cpu.txt.gz`). Undefined: nowhere else. `names`: of a path below the archive.
 */
export function logAlias(names: readonly string[]): readonly string[] | undefined {
  const length = [6, 5].find((count) => isBuildFolder(names.slice(0, count).join('/')));
  if (length === undefined || names.length === length) return undefined;
  const asked = names.slice(length).join('/').replace(/\.gz$/, '');
  const found = aliases[asked] ?? (asked.startsWith('logs/') ? `controller/${asked}` : undefined);
  const path = found?.split('/');
  if (path === undefined || path.join('/') === names.slice(length).join('/')) return undefined;
  return [...names.slice(0, length), ...path];
}

function isBuildFolder(path: string): boolean {
  return changeFolder.test(path) || commitFolder.test(path);
}
