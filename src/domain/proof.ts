import { carryOf } from './carry.ts';
import type { Dependencies } from './dependencies.ts';
import type { Evidence } from './guard/evidence.ts';
import { patchsetName } from './patchset.ts';
import { testedName } from './tested-ref.ts';
import type { TestedRef } from './tested-ref.ts';

/**
 * What was really tested. Commits and driver are what the job's server says: proof against mistakes, not against a job that lies. Guests are
 * counted by the guard, which no job can change.
 */
export interface Proof {
  readonly commits: readonly ProvedCommit[];
  readonly driver: {
    /** `compute_driver` of the nova.conf that was collected; undefined: there was none. */
    readonly configured: string | undefined;
    /** What nova-compute wrote when it loaded it. */
    readonly loaded: string | undefined;
  };
  /** Undefined: nobody counted. */
  readonly guests: Pick<Evidence, 'created' | 'deployed' | 'started' | 'deleted'> | undefined;
}

/** A commit that should be tested, and where it was found. */
export interface ProvedCommit {
  readonly role: 'tested' | 'dependency' | 'carried';
  /** `openstack/nova 12345,2`. */
  readonly name: string;
  readonly commit: string;
  /** None: the job did not say. */
  readonly places: readonly ProvedPlace[];
}

export interface ProvedPlace {
  readonly folder: string;
  /** The commit it is on. */
  readonly head: string;
  readonly state: PlaceState;
}

/** `other-branch`: the project is tested on another branch than the one the change is for. */
type PlaceState = 'contained' | 'missing' | 'other-branch';

interface CheckedOut extends ProvedPlace {
  readonly project: string;
  readonly commit: string;
}

const mostLines = 1000;
/** Kept of one commit. */
const mostPlaces = 10;

/**
 * Lines of `zuul-info/checked-out.txt`: folder, project, branch, the commit the folder is on, the commit that shall be in it and how it is,
 * tabs between them. Hostile input: what is no such line is left out.
 */
export function parseCheckedOut(text: string): readonly CheckedOut[] {
  return text.split('\n', mostLines).flatMap((line) => parseLine(line) ?? []);
}

function parseLine(line: string): CheckedOut | undefined {
  const [folder = '', project = '', branch = '', head = '', commit = '', state = '', ...more] = line.split('\t');
  const isName = (name: string) => /^[\w.+@~#/-]{1,300}$/.test(name);
  if (more.length > 0 || ![folder, project, branch].every(isName)) return undefined;
  if (![head, commit].every((id) => /^[0-9a-f]{40}$/.test(id)) || !isState(state)) return undefined;
  return { folder, project, commit, head, state };
}

function isState(text: string): text is PlaceState {
  return text === 'contained' || text === 'missing' || text === 'other-branch';
}

/** Every commit that should be tested, with what the job said about it. */
export function proveCommits(
  {
    dependencies,
    job,
    tested,
  }: { readonly tested: TestedRef; readonly job: string; readonly dependencies: Dependencies },
  checkedOut: readonly CheckedOut[],
): readonly ProvedCommit[] {
  const carried = carryOf(dependencies, job)?.changes ?? [];
  const wanted = [
    { role: 'tested' as const, name: testedName(tested), of: tested },
    ...dependencies.changes.map((of) => ({ role: 'dependency' as const, name: patchsetName(of), of })),
    ...carried.map((of) => ({ role: 'carried' as const, name: patchsetName(of), of })),
  ];
  return wanted.map(({ name, of, role }) => ({
    role,
    name,
    commit: of.revision,
    places: checkedOut
      .filter(({ commit, project }) => commit === of.revision && project === of.project)
      .slice(0, mostPlaces)
      .map(({ folder, head, state }) => ({ folder, head, state })),
  }));
}

/** The first commit that should be tested and was not; undefined: none, as far as the job said. */
export function notTestedText({ commits }: Proof): string | undefined {
  for (const { commit, name, places } of commits) {
    const place = places.find(({ state }) => state === 'missing');
    if (place)
      return `${name} (${commit.slice(0, 12)}) is not in ${place.folder}, which is on ${place.head.slice(0, 12)}`;
  }
  return undefined;
}

/** The last `compute_driver` of a nova.conf. */
export function configuredDriver(text: string): string | undefined {
  return [...text.matchAll(/^[ \t]*compute_driver[ \t]*=[ \t]*([\w.:-]{1,200})[ \t]*$/gm)].at(-1)?.[1];
}

/** What nova-compute says it loaded last. */
export function loadedDriver(text: string): string | undefined {
  return [...text.matchAll(/Loading compute driver '([\w.:-]{1,200})'/g)].at(-1)?.[1];
}
