/** A log in which a test leaves traces. */
export interface ServiceLog {
  /** Below the build's log folder. */
  readonly path: string;
  /** As people call it: `n-cpu`, `feilong-calls`, `job-output`. */
  readonly name: string;
}

const mostLogs = 12;
/** What people open first. */
const order = ['n-cpu', 'nova-compute', 'n-api', 'nova-api', 'q-svc', 'neutron-server', 'feilong-calls', 'tempest'];
const last = 'job-output';

/** devstack writes `screen-SERVICE.txt`; packages write `nova/nova-compute.log` and the like. */
const service =
  /(?:^|\/)(?:screen-([a-z][a-z\d@-]{0,40})|((?:nova|neutron|glance|placement|keystone|cinder)[a-z-]{0,40}))\.(?:txt|log)(?:\.gz)?$/;
const other = /^(?:(feilong-calls)\.txt|(?:.*\/)?(tempest)_log\.txt|(job-output)\.txt)(?:\.gz)?$/;

/** Those of a build's files in which what a test did can be looked up, the most telling first. */
export function serviceLogs(paths: readonly string[]): readonly ServiceLog[] {
  const found = paths.flatMap((path): ServiceLog[] => {
    const [, ...names] = service.exec(path) ?? other.exec(path) ?? [];
    const name = names.find((one) => one !== undefined);
    return name === undefined ? [] : [{ path, name }];
  });
  return found
    .toSorted((a, b) => rank(a.name) - rank(b.name) || compare(a.path, b.path))
    .slice(0, mostLogs)
    .map((log, _, all) => (all.filter(({ name }) => name === log.name).length > 1 ? { ...log, name: log.path } : log));
}

function rank(name: string): number {
  if (name === last) return order.length + 1;
  const at = order.indexOf(name);
  return at < 0 ? order.length : at;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
