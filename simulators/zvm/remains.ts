import { systemUsers } from './system.ts';
import type { ZvmSystem } from './system.ts';

interface Remains {
  readonly guests: readonly RemainingGuest[];
  readonly images: readonly { readonly name: string; readonly client: string }[];
  readonly locks: readonly string[];
}

interface RemainingGuest {
  readonly userid: string;
  /** z/VM has it. */
  readonly directory: boolean;
  /** Feilong knows it. */
  readonly database: boolean;
  /** Whose call made it; undefined: a lever did, or it was made before the audit was cleared. */
  readonly client: string | undefined;
}

/** All that is there beside the system's own users, whichever memory it is in. */
export function remainsOf({ audit, database, directory, images, locks }: ZvmSystem): Remains {
  const userids = new Set([...directory.keys(), ...database.keys()].filter((userid) => !systemUsers.includes(userid)));
  return {
    guests: [...userids].toSorted().map((userid) => ({
      userid,
      directory: directory.has(userid),
      database: database.has(userid),
      client: audit.creatorOf(userid),
    })),
    images: [...images.values()].map(({ client, name }) => ({ name, client })),
    locks: [...locks],
  };
}
