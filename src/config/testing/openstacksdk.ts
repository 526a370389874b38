import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The interpreter of the distribution: its packages are where openstacksdk is. */
const python = '/usr/bin/python3';

export interface SdkCase {
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly cloud: string;
  readonly region: string | null;
}

export type SdkAnswer =
  | { readonly error: string }
  | {
      readonly auth: Readonly<Record<string, unknown>>;
      readonly region: string | null;
      readonly interface: string;
      readonly verify: boolean;
      readonly cacert: string | null;
      readonly timeout: number | null;
    };

export async function hasOpenstacksdk(): Promise<boolean> {
  const run = promisify(execFile)(python, ['-c', 'import openstack.config.loader']);
  return run.then(
    () => true,
    () => false,
  );
}

/** What the real openstacksdk makes of each case. */
export async function askOpenstacksdk(cases: readonly SdkCase[]): Promise<readonly SdkAnswer[]> {
  const run = promisify(execFile)(python, [join(import.meta.dirname, 'openstacksdk.py')], { timeout: 60_000 });
  run.child.stdin?.end(JSON.stringify(cases));
  return JSON.parse((await run).stdout) as readonly SdkAnswer[];
}
