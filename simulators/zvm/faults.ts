import { z } from 'zod';

/** How often: `count` is how many more times, `rate` the share of all occasions. Neither: every time. */
const often = { count: z.int().positive().max(1_000_000).optional(), rate: z.number().min(0).max(1).optional() };
const userid = z.string().max(8).toUpperCase().optional();
/** Whose guests; everybody's where nothing is said. */
const whose = { userid, prefix: userid };
const seconds = z.number().min(0).max(86_400);
const milliseconds = z.int().min(0).max(600_000);
/** Which requests; all of them where nothing is said. */
const requests = {
  method: z.enum(['GET', 'POST', 'PUT', 'DELETE']).optional(),
  /** How the path begins. */
  path: z.string().max(200).optional(),
};
const code = z.int().min(0).max(99_999);

/** A fault ends after `count` occasions it hit, or with `DELETE /simulator/faults`. */
export const faultSchema = z.discriminatedUnion('kind', [
  /** sdkserver is down: overallRC 101 everywhere, and HTTP 200 for the list of guests. */
  z.strictObject({ kind: z.literal('sdkserver-down'), ...often }),
  /** 503 without JSON, as of a proxy whose uwsgi is gone. */
  z.strictObject({ kind: z.literal('refuse'), ...requests, ...often }),
  /** The call takes this much longer. */
  z.strictObject({ kind: z.literal('delay'), ms: milliseconds, ...requests, ...often }),
  /** The connection is cut in the middle of the answer; with `handled` false, before anything was done. */
  z.strictObject({ kind: z.literal('cut'), handled: z.boolean().default(true), ...requests, ...often }),
  /** All tokens are revoked, on the occasion of a request. */
  z.strictObject({ kind: z.literal('revoke-tokens'), ...requests, ...often }),
  /** A function of SMAPI fails, by default any, by default as DirMaint does. */
  z.strictObject({
    kind: z.literal('smapi-error'),
    api: z.string().max(100).optional(),
    rc: code.default(596),
    rs: code.default(6213),
    text: z.string().max(200).default('DIRMAINT internal error (injected)'),
    ...whose,
    ...often,
  }),
  /** The directory entry is locked; `count`: for so many tries. */
  z.strictObject({ kind: z.literal('locked'), ...whose, ...often }),
  /** z/VM cannot delete this userid. */
  z.strictObject({ kind: z.literal('delete-fails'), ...whose, ...often }),
  /** The guest appears in directory and database only after that time. */
  z.strictObject({ kind: z.literal('slow-create'), ms: milliseconds, ...whose, ...often }),
  z.strictObject({ kind: z.literal('slow-deploy'), ms: milliseconds, ...whose, ...often }),
  /** sdkserver is killed in the middle of a create: z/VM has the guest, Feilong has not, and is down for a while. */
  z.strictObject({ kind: z.literal('killed-mid-create'), seconds: seconds.default(0), ...whose, ...often }),
  /** 503 for a deploy, however few are running. */
  z.strictObject({ kind: z.literal('deploys-full'), ...whose, ...often }),
  /** A guest that is started is deleted behind Feilong's back within so many seconds. */
  z.strictObject({ kind: z.literal('vanish'), seconds: seconds.default(10), ...whose, ...often }),
  /** A guest that is started logs off by itself within so many seconds. */
  z.strictObject({ kind: z.literal('power-off'), seconds: seconds.default(10), ...whose, ...often }),
  z.strictObject({ kind: z.literal('pool-full'), ...whose, ...often }),
  /** Feilong cannot copy from or to the worker. */
  z.strictObject({
    kind: z.literal('scp-fails'),
    of: z.enum(['image', 'deploy', 'export']).optional(),
    ...whose,
    ...often,
  }),
  /** The image cannot be written to the disk of a guest. */
  z.strictObject({ kind: z.literal('unpack-fails'), ...whose, ...often }),
  /** Feilong's Linux lacks udevadm: disks are made, but no file system on them. */
  z.strictObject({ kind: z.literal('no-udevadm'), ...whose, ...often }),
  z.strictObject({ kind: z.literal('no-console'), ...whose, ...often }),
  z.strictObject({ kind: z.literal('smapi-unhealthy'), ...often }),
  /** `GET /host` without the disk pool, as of a Feilong that was given none. */
  z.strictObject({ kind: z.literal('no-disk-pool'), ...often }),
  /** `GET /host` says something else; null leaves a field out. */
  z.strictObject({ kind: z.literal('wrong-host'), output: z.record(z.string().max(50), z.json()), ...often }),
]);

type Fault = z.infer<typeof faultSchema>;
type Kind = Fault['kind'];

/** On what occasion a fault is asked for. */
interface Occasion {
  readonly userid?: string;
  readonly api?: string;
  readonly method?: string;
  readonly path?: string;
  readonly of?: string;
}

export interface Faults {
  add(fault: Fault): void;
  /** All, or those of a kind. */
  clear(kind?: string): void;
  /** Each with how often it happened. */
  list(): readonly (Fault & { readonly happened: number })[];
  /** The fault of that kind that hits this occasion, counted. */
  take<K extends Kind>(kind: K, occasion?: Occasion): Extract<Fault, { kind: K }> | undefined;
}

interface Active {
  readonly fault: Fault;
  happened: number;
}

export function createFaults(random: () => number): Faults {
  let active: Active[] = [];

  return {
    add(fault) {
      active.push({ fault, happened: 0 });
    },
    clear(kind) {
      active = active.filter(({ fault }) => kind !== undefined && fault.kind !== kind);
    },
    list: () =>
      active.map(({ fault, happened }) => {
        const left = fault.count === undefined ? {} : { count: fault.count - happened };
        return { ...fault, ...left, happened };
      }),
    take<K extends Kind>(kind: K, occasion: Occasion = {}) {
      const hit = active.find(
        ({ fault }) => fault.kind === kind && fits(fault, occasion) && random() < (fault.rate ?? 1),
      );
      if (hit === undefined) return undefined;
      hit.happened += 1;
      if (hit.happened === hit.fault.count) active = active.filter((other) => other !== hit);
      return hit.fault as Extract<Fault, { kind: K }>;
    },
  };
}

/** What the fault does not say fits every occasion. */
function fits(fault: Fault, occasion: Occasion): boolean {
  const { api, method, of, path = '', prefix = '', userid: only } = fault as Occasion & { readonly prefix?: string };
  const isSame = (wanted: string | undefined, is: string | undefined) => wanted === undefined || wanted === is;
  return (
    isSame(only, occasion.userid) &&
    isSame(api, occasion.api) &&
    isSame(method, occasion.method) &&
    isSame(of, occasion.of) &&
    (occasion.userid ?? '').startsWith(prefix) &&
    (occasion.path ?? '').startsWith(path)
  );
}
