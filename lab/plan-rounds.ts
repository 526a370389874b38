import { join, sep } from 'node:path';
import type { Part } from './parts.ts';

/** Test files that run one after the other. */
export type Lane = readonly string[];

/** Lanes that run beside each other. */
export type Round = readonly Lane[];

/** They stop and kill what they use: the tests of one neighbour are in one lane, and those that need all are alone. */
const lanes: Record<Part, 'gerrit' | 'openstack' | 'all'> = {
  gerrit: 'gerrit',
  feilong: 'gerrit',
  subunit: 'gerrit',
  openstack: 'openstack',
  objects: 'openstack',
  zvm: 'all',
};

/** What the lab is for before all else. */
const foremost = ['shared', 'same-failure'].map((name) => join('zvm', `${name}.lab.test.ts`));

/**
 * In which order the lab's files run: what nothing else shows comes first, the stories last, which the simulators tell too. Where time ends before the
 * files, it is theirs that are left out. `files`: paths relative to the folder of the lab.
 */
export function planRounds(files: readonly string[]): readonly Round[] {
  const rounds = [beside(files.filter((file) => !isStories(file))), alone(files), beside(files.filter(isStories))];
  return rounds.filter((round) => round.length > 0);
}

function beside(files: readonly string[]): Round {
  return (['gerrit', 'openstack'] as const)
    .map((lane) => files.filter((file) => laneOf(file) === lane))
    .filter(hasFiles);
}

function alone(files: readonly string[]): Round {
  const own = files.filter((file) => laneOf(file) === 'all');
  return [[...foremost.filter((file) => own.includes(file)), ...own.filter((file) => !foremost.includes(file))]].filter(
    hasFiles,
  );
}

function laneOf(file: string): 'gerrit' | 'openstack' | 'all' {
  return lanes[file.split(sep)[0] as Part];
}

function isStories(file: string): boolean {
  return file.includes('stories');
}

function hasFiles(lane: Lane): boolean {
  return lane.length > 0;
}
