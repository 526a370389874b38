import { join } from 'node:path';
import { root } from './simulators.ts';

/** What the simulated Gerrit knows: a developer, the CI's account with the rights OpenStack gives to a voting CI, the example driver. */
export function gerritSeed(ci: { readonly publicKey: string; readonly password: string }): object {
  return {
    accounts: [
      {
        username: 'example-zvm-ci',
        name: 'Example z/VM CI',
        email: 'zvm-ci@example.com',
        httpPassword: ci.password,
        sshKeys: [ci.publicKey],
        capabilities: { streamEvents: true },
        mayVote: [{ projects: 'example/*', labels: { Verified: [-1, 1] } }],
      },
      { username: 'dev', name: 'Dee Veloper', email: 'dev@example.com', httpPassword: developerPassword },
    ],
    projects: [{ name: exampleProject, branches: ['master'], files: join(root, 'examples', 'zvm-driver') }],
  };
}

export const exampleProject = 'example/zvm-driver';
/** The developer of the simulated Gerrit is a toy for whoever runs the demo; the CI's password is a random one. */
export const developerPassword = 'dev-secret';
