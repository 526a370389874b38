import { z } from 'zod';
import type { Room } from './call.ts';
import { capacitySchema } from './capacity.ts';
import { faultSchema } from './faults.ts';
import { vanishGuest } from './mishaps.ts';
import { remainsOf } from './remains.ts';
import { newEntry } from './system.ts';
import { clientRuleSchema } from './touches.ts';

export interface Lever {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

interface LeverResult {
  readonly status: number;
  readonly body: unknown;
}

/** What a lever does; `name` is the last part of its path. */
type Pull = (room: Room, body: unknown, name: string) => LeverResult;

const userid = z.string().regex(/^[A-Z0-9]{1,8}$/);
const foreignSchema = z.strictObject({
  userid,
  power: z.enum(['on', 'off']).default('off'),
  memory: z.int().min(0).max(16_777_216).default(1024),
  /** It has a network card. */
  nic: z.boolean().default(false),
});

const levers: Readonly<Record<string, Pull>> = {
  'GET /simulator/faults': (room) => done(room.faults.list()),
  'POST /simulator/faults': (room, body) =>
    parsed(faultSchema, body, (fault) => {
      room.faults.add(fault);
      return room.faults.list();
    }),
  'DELETE /simulator/faults': (room) => clearFaults(room),
  'DELETE /simulator/faults/*': (room, _, kind) => clearFaults(room, kind),

  'GET /simulator/audit': (room) => done({ ...room.system.audit.report(), left: remainsOf(room.system) }),
  'DELETE /simulator/audit': (room) => {
    room.system.audit.clear();
    return done({});
  },
  'POST /simulator/clients': (room, body) =>
    parsed(clientRuleSchema, body, (rule) => {
      room.system.audit.addRule(rule);
      return rule;
    }),

  'GET /simulator/capacity': (room) => done(room.system.capacity),
  'POST /simulator/capacity': (room, body) =>
    parsed(capacitySchema, { ...room.system.capacity, ...(body as object) }, (capacity) => {
      room.system.capacity = capacity;
      return capacity;
    }),

  // Guests that somebody made, or deleted, without Feilong.
  'POST /simulator/directory': (room, body) => parsed(foreignSchema, body, (foreign) => addForeign(room, foreign)),
  'DELETE /simulator/directory/*': (room, _, name) => done({ deleted: vanishGuest(room.system, name) }),
  // Rows that Feilong has for no guest, or has lost.
  'POST /simulator/database': (room, body) =>
    parsed(z.strictObject({ userid }), body, (row) => {
      room.system.database.set(row.userid, { nics: new Map() });
      return row;
    }),
  'DELETE /simulator/database/*': (room, _, name) => done({ deleted: forget(room, name) }),
  'POST /simulator/locks': (room, body) =>
    parsed(z.strictObject({ userid }), body, (lock) => {
      room.system.locks.add(lock.userid);
      return lock;
    }),
  'DELETE /simulator/locks/*': (room, _, name) => done({ deleted: room.system.locks.delete(name) }),
  'POST /simulator/images': (room, body) =>
    parsed(z.strictObject({ name: z.string().min(1).max(255) }), body, ({ name }) => {
      room.system.images.set(name, { name, osVersion: 'rhel7.2', client: 'lever', usedAt: Date.now() });
      return { name };
    }),
  'DELETE /simulator/tokens': (room) => {
    room.tokens?.revokeAll();
    return done({});
  },
};

/** The simulator's own levers, below `/simulator`: no part of Feilong. Undefined for an unknown one. */
export function pullLever(room: Room, { body, method, path }: Lever): LeverResult | undefined {
  const whole = `${method} ${path}`;
  const [route, name] = Object.hasOwn(levers, whole)
    ? [whole, '']
    : [whole.replace(/[^/]+$/, '*'), path.slice(path.lastIndexOf('/') + 1)];
  return Object.hasOwn(levers, route) ? levers[route]!(room, body, name) : undefined;
}

function clearFaults(room: Room, kind?: string): LeverResult {
  room.faults.clear(kind);
  return done(room.faults.list());
}

function addForeign({ system }: Room, foreign: z.infer<typeof foreignSchema>): object {
  const entry = newEntry({ userid: foreign.userid, vcpus: 1, memory: foreign.memory, profile: 'IBMDFLT' });
  entry.power = foreign.power;
  if (foreign.nic) entry.nics.add('1000');
  system.directory.set(entry.userid, entry);
  return { userid: entry.userid };
}

function forget({ system }: Room, name: string): boolean {
  if (!system.database.delete(name)) return false;
  system.audit.record('forgotten', name, 'lever');
  return true;
}

function parsed<T>(schema: z.ZodType<T>, body: unknown, use: (value: T) => unknown): LeverResult {
  const result = schema.safeParse(body);
  if (!result.success) return { status: 400, body: { error: z.prettifyError(result.error) } };
  return done(use(result.data));
}

function done(body: unknown): LeverResult {
  return { status: 200, body };
}
