/** A build of another change that ran beside ours: what its tests said so far. */
export interface Peer {
  /** For people: `CHANGE,PATCHSET`. */
  readonly name: string;
  readonly result: string | undefined;
  /** It is still to say more. */
  readonly running: boolean;
  readonly failedTests: readonly string[];
}

/** Of all tests that failed in either build, the share that must have failed in both. */
const share = 0.8;

/**
 * Who failed in the same way at the same time: two patches with the same mistake are rarer than one lab with one trouble. A build that passed
 * meanwhile acquits the lab.
 */
export function sameFailure(failedTests: readonly string[], peers: readonly Peer[]): string | undefined {
  if (failedTests.length === 0 || peers.some(({ result }) => result === 'SUCCESS')) return undefined;
  const alike = peers.filter((peer) => isAlike(new Set(failedTests), new Set(peer.failedTests)));
  return alike.length === 0 ? undefined : alike.map(({ name }) => name).join(', ');
}

/** True of two empty sets too: who has no failed tests must look at something else. */
export function isAlike(ours: ReadonlySet<string>, theirs: ReadonlySet<string>): boolean {
  return ours.intersection(theirs).size >= share * ours.union(theirs).size;
}
