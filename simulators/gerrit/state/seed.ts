import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { z } from 'zod';

const projectName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/)
  .refine((name) => !name.includes('..') && !name.includes('//') && !/(\.git|\/)$/.test(name));

const branchName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._/-]*$/)
  .refine((name) => !name.includes('..') && !name.endsWith('/'));

const range = z.tuple([z.int().min(-2).max(2), z.int().min(-2).max(2)]);

const accountSeed = z.strictObject({
  username: z.string().regex(/^[A-Za-z0-9._-]+$/),
  name: z.string(),
  email: z.string(),
  httpPassword: z.string().optional(),
  sshKeys: z.array(z.string()).default([]),
  capabilities: z
    .strictObject({
      streamEvents: z.boolean().default(false),
      submit: z.boolean().default(false),
      administrate: z.boolean().default(false),
    })
    .prefault({}),
  /** Beside those everybody is in. They give no rights here: `capabilities` and `mayVote` do. */
  groups: z.array(z.string()).default([]),
  mayVote: z
    .array(z.strictObject({ projects: z.string().default('*'), labels: z.record(z.string(), range) }))
    .default([]),
});

const projectSeed = z.strictObject({
  name: projectName,
  branches: z.array(branchName).min(1).default(['master']),
  /** Folder whose files make the first commit; relative to the seed file. Without it the first commit is empty. */
  files: z.string().optional(),
});

const labelSeed = z.strictObject({
  values: z.record(z.string().regex(/^(-[1-9]| 0|0|\+[1-9])$/), z.string()),
  copyCondition: z.string().default(''),
});

const seedSchema = z.strictObject({
  accounts: z.array(accountSeed).optional(),
  projects: z.array(projectSeed).optional(),
  /** In the order of the project's configuration; events list approvals in this order. */
  labels: z.record(z.string(), labelSeed).optional(),
  /** What everybody with an account may vote. */
  registeredMayVote: z.record(z.string(), range).optional(),
});

export type SeedInput = z.input<typeof seedSchema>;
type SeedOutput = z.output<typeof seedSchema>;
export type Seed = { readonly [K in keyof SeedOutput]-?: NonNullable<SeedOutput[K]> };

const everything = { Verified: [-2, 2], 'Code-Review': [-2, 2], Workflow: [-1, 1] } as const;

function account(name: string, username: string, password: string, more: object = {}): object {
  return { username, name, email: `${username}@example.com`, httpPassword: password, ...more };
}

/** The accounts, rights and projects the real Gerrit of the recorded samples had. */
const defaults = {
  accounts: [
    account('Administrator', 'admin', 'secret', {
      capabilities: { streamEvents: true, submit: true, administrate: true },
      mayVote: [{ labels: everything }],
    }),
    account('IBM z/VM CI', 'zvm-ci', 'zvm-ci-secret', {
      capabilities: { streamEvents: true },
      groups: ['nova-ci', 'Third-Party CI'],
      mayVote: [{ projects: 'openstack/nova*', labels: { Verified: [-1, 1] } }],
    }),
    account('Dee Veloper', 'dev', 'dev-secret'),
    account('Zuul', 'zuul', 'zuul-secret', {
      capabilities: { streamEvents: true, submit: true },
      mayVote: [{ labels: { Verified: [-2, 2] } }],
    }),
    account('Other CI', 'nonevoter', 'other-secret', {
      email: 'other@example.com',
      capabilities: { streamEvents: true },
    }),
  ],
  projects: [{ name: 'openstack/nova' }, { name: 'openstack/nova-zvm' }],
  labels: {
    Verified: {
      values: {
        '-2': 'Fails',
        '-1': "Doesn't seem to work",
        ' 0': 'No score',
        '+1': 'Works for me',
        '+2': 'Verified',
      },
      copyCondition: 'changekind:NO_CODE_CHANGE',
    },
    'Code-Review': {
      values: {
        '-2': 'This shall not be submitted',
        '-1': 'I would prefer this is not submitted as is',
        ' 0': 'No score',
        '+1': 'Looks good to me, but someone else must approve',
        '+2': 'Looks good to me, approved',
      },
      copyCondition: 'changekind:NO_CHANGE OR changekind:TRIVIAL_REBASE OR is:MIN',
    },
    Workflow: { values: { '-1': 'Work in progress', ' 0': 'Ready for reviews', '+1': 'Approved' } },
  },
  registeredMayVote: { 'Code-Review': [-1, 1] },
};

export function readSeedFile(path: string): SeedInput {
  const input = seedSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const projects = input.projects?.map((project) =>
    project.files === undefined ? project : { ...project, files: resolve(dirname(path), project.files) },
  );
  return projects === undefined ? input : { ...input, projects };
}

/**
 * The seed of this directory: what an earlier start kept, with `given` over it. Known accounts and projects keep their place,
 * because an account's id is its place.
 */
export function settleSeed(directory: string, given: SeedInput | undefined): Seed {
  const path = join(directory, 'seed.json');
  const kept = existsSync(path) ? parse(JSON.parse(readFileSync(path, 'utf8'))) : undefined;
  const seed = merge(kept, parse(given ?? kept ?? {}));
  keepSeed(directory, seed);
  return seed;
}

export function keepSeed(directory: string, seed: Seed): void {
  const path = join(directory, 'seed.json');
  writeFileSync(`${path}.new`, `${JSON.stringify(seed, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

function parse(input: unknown): Seed {
  const given = seedSchema.parse(input);
  const standard = seedSchema.parse(defaults) as Seed;
  return {
    accounts: given.accounts ?? standard.accounts,
    projects: given.projects ?? standard.projects,
    labels: given.labels ?? standard.labels,
    registeredMayVote: given.registeredMayVote ?? standard.registeredMayVote,
  };
}

function merge(kept: Seed | undefined, given: Seed): Seed {
  if (kept === undefined) return given;
  return {
    ...given,
    accounts: mergeBy(kept.accounts, given.accounts, ({ username }) => username),
    projects: mergeBy(kept.projects, given.projects, ({ name }) => name),
  };
}

function mergeBy<T>(kept: readonly T[], given: readonly T[], key: (item: T) => string): T[] {
  const merged = new Map(kept.map((item) => [key(item), item]));
  for (const item of given) merged.set(key(item), item);
  return [...merged.values()];
}
