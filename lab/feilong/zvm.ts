import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** The stand-in for the mainframe itself, looked at and disturbed beside Feilong. */
export interface LabZvm {
  /** Userids in z/VM's directory, sorted; those of the system itself are left out. */
  directory(): Promise<readonly string[]>;
  /** The ones that are logged on. */
  running(): Promise<readonly string[]>;
  /** What is wrong from now on; it replaces what was. */
  disturb(faults: ZvmFaults): Promise<void>;
  /** Calls of a SMAPI function or a program so far: `NAME ARGUMENTS`. */
  calls(): Promise<readonly string[]>;
}

export interface ZvmFaults {
  /** SMAPI functions that fail with DirMaint's internal error. */
  readonly fail?: readonly string[];
  /** Userids whose directory entry is locked. */
  readonly locked?: readonly string[];
  /** Seconds a SMAPI function or a program takes longer. */
  readonly delays?: Readonly<Record<string, number>>;
}

interface State {
  readonly users: Readonly<Record<string, { readonly directory: readonly string[]; readonly on: boolean }>>;
}

const systemUsers = ['DIRMAINT', 'FEILONG', 'MAINT', 'OPERATOR', 'TCPIP', 'VSMGUARD'];

/** `folder` is what `mainframe/system.py` sees as /var/lib/zvm. */
export function zvmIn(folder: string): LabZvm {
  async function users(): Promise<State['users']> {
    const text = await readOr(join(folder, 'state.json'), '{"users":{}}');
    return (JSON.parse(text) as State).users;
  }
  async function named(good: (user: State['users'][string]) => boolean): Promise<readonly string[]> {
    return Object.entries(await users())
      .filter(([name, user]) => !systemUsers.includes(name) && good(user))
      .map(([name]) => name)
      .toSorted();
  }
  return {
    directory: () => named(() => true),
    running: () => named(({ on }) => on),
    async disturb(faults) {
      const path = join(folder, 'faults.json');
      await writeFile(`${path}.new`, JSON.stringify(faults));
      await rename(`${path}.new`, path);
    },
    async calls() {
      const text = await readOr(join(folder, 'calls.log'), '');
      return text.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(line.indexOf(' ') + 1)]));
    },
  };
}

async function readOr(path: string, otherwise: string): Promise<string> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  });
}
