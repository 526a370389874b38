/** Parts of the lab's tests, one folder each, and the neighbours that `lab/run.ts` starts for them. `feilong` starts its own, `subunit` needs Python only. */
export const parts = {
  gerrit: ['gerrit'],
  openstack: ['openstack'],
  objects: ['openstack'],
  feilong: [],
  subunit: [],
  zvm: ['gerrit', 'openstack'],
} as const satisfies Record<string, readonly ('gerrit' | 'openstack')[]>;

export type Part = keyof typeof parts;
export type Neighbour = (typeof parts)[Part][number];

export const allParts = Object.keys(parts) as readonly Part[];

export function isPart(name: string | undefined): name is Part {
  return name !== undefined && Object.hasOwn(parts, name);
}

export function neighboursOf(wanted: readonly Part[]): readonly Neighbour[] {
  return [...new Set(wanted.flatMap((part): readonly Neighbour[] => parts[part]))];
}
