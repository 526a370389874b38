import { z } from 'zod';

const prefix = z.string().min(1).max(8).toUpperCase();

/** Which calls are whose, and what they may touch; the first rule that fits says it. */
export const clientRuleSchema = z.strictObject({
  name: z.string().min(1).max(100),
  /** Source address. */
  address: z.string().max(100).optional(),
  /** Part of the User-Agent. */
  userAgent: z.string().max(200).optional(),
  /** What its userids begin with; without them it may touch all of them, and shares none: a sweeper, an operator. */
  prefixes: z.array(prefix).max(1000).optional(),
});

export type ClientRule = z.infer<typeof clientRuleSchema>;

/** A call that names a userid, whatever came of it. */
export interface Touch {
  readonly at: string;
  readonly client: ClientKey;
  readonly userid: string;
  /** Method and path, or action. */
  readonly call: string;
}

interface ClientKey {
  readonly address: string;
  readonly userAgent: string;
}

type NamedTouch = Omit<Touch, 'client'> & { readonly client: string };

export interface TouchReport {
  /** How many calls each client made that name a userid, and how many different ones. */
  readonly clients: readonly { readonly client: string; readonly touches: number; readonly userids: number }[];
  /** Userids that more than one client named; `sameLife`: between a guest's creation and its deletion, not one after the other. */
  readonly shared: readonly {
    readonly userid: string;
    readonly clients: readonly string[];
    readonly sameLife: boolean;
  }[];
  /** Calls that name a userid outside the prefixes of their client; the first thousand. */
  readonly outside: readonly NamedTouch[];
  readonly outsideInAll: number;
}

interface Touches {
  add(touch: Omit<Touch, 'at'>): void;
  addRule(rule: ClientRule): void;
  /** The userid is gone: who names it from now on means another guest. */
  endLife(userid: string): void;
  report(): TouchReport;
  clear(): void;
}

interface Userid {
  readonly ever: Set<string>;
  readonly life: Set<string>;
  sameLife: boolean;
}

const keptOutside = 1000;

export function createTouches(): Touches {
  const rules: ClientRule[] = [];
  const userids = new Map<string, Userid>();
  const clients = new Map<string, { touches: number; userids: Set<string> }>();
  const outside: NamedTouch[] = [];
  let outsideInAll = 0;

  function share(userid: string, client: string): void {
    const seen = userids.get(userid) ?? { ever: new Set(), life: new Set(), sameLife: false };
    userids.set(userid, seen);
    seen.ever.add(client);
    seen.life.add(client);
    if (seen.life.size > 1) seen.sameLife = true;
  }

  return {
    add({ client: key, userid, call }) {
      const rule = rules.find((one) => fits(one, key));
      const client = rule?.name ?? nameOf(key);
      const counted = clients.get(client) ?? { touches: 0, userids: new Set() };
      clients.set(client, counted);
      counted.touches += 1;
      counted.userids.add(userid);
      if (rule === undefined || rule.prefixes) share(userid, client);
      if (rule?.prefixes === undefined || rule.prefixes.some((start) => userid.startsWith(start))) return;
      outsideInAll += 1;
      if (outside.length < keptOutside) outside.push({ at: new Date().toISOString(), client, userid, call });
    },
    addRule(rule) {
      const at = rules.findIndex(({ name }) => name === rule.name);
      if (at === -1) rules.push(rule);
      else rules[at] = rule;
    },
    endLife(userid) {
      userids.get(userid)?.life.clear();
    },
    report: () => ({
      clients: [...clients].map(([client, counted]) => ({
        client,
        touches: counted.touches,
        userids: counted.userids.size,
      })),
      shared: [...userids]
        .filter(([, { ever }]) => ever.size > 1)
        .map(([userid, { ever, sameLife }]) => ({ userid, clients: [...ever], sameLife })),
      outside,
      outsideInAll,
    }),
    clear() {
      userids.clear();
      clients.clear();
      outside.length = 0;
      outsideInAll = 0;
    },
  };
}

/** As events name a client. */
export function nameOf({ address, userAgent }: ClientKey): string {
  return `${address} ${userAgent}`.trim().slice(0, 200);
}

function fits({ address, userAgent }: ClientRule, key: ClientKey): boolean {
  return (address === undefined || address === key.address) && key.userAgent.includes(userAgent ?? '');
}
