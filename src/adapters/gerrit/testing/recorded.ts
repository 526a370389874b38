import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GerritAccess } from '../../../domain/gerrit-access.ts';

const fixtures = join(import.meta.dirname, '../../../../test/fixtures/gerrit-client');

/** One recorded REST call. */
export interface Recorded {
  readonly status: number;
  /** Text of an error; parsed JSON of a success. */
  readonly body: unknown;
}

export function readRecorded(name: string): Recorded {
  return JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8')) as Recorded;
}

export function readLines(name: string): string[] {
  return readFileSync(join(fixtures, name), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
}

export function accessTo(address: Partial<GerritAccess>): GerritAccess {
  return {
    name: 'gerrit',
    host: '127.0.0.1',
    sshPort: 1,
    username: 'zvm-ci',
    privateKey: '',
    hostKeys: [],
    url: 'http://127.0.0.1:8080',
    password: 'zvm-ci-secret',
    keepaliveInterval: 1000,
    keepaliveCount: 3,
    requestTimeout: 5000,
    ...address,
  };
}
