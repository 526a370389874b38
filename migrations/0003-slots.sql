-- Slots in full: generations, guards, the ledger of what workers made, back ends out of use, evidence.

-- The slot's `epoch` when the build got it: the generation of its userids.
alter table builds add column generation integer;

alter table slots
  -- The process that keeps the guard of the lease; undefined: no guard, or it is closed and what went through it has ended.
  add column guard_holder uuid,
  add column guard_url text,
  -- The same for all processes that keep it one after the other: the worker was told it once.
  add column guard_port integer,
  -- How often a process opened it for this lease: between two times the worker could not reach Feilong.
  add column guard_opens integer not null default 0,
  -- Sweeps that failed since the lease ended.
  add column sweep_attempts integer not null default 0,
  -- Who prepares or sweeps it: one at a time, until it is released or `claimed_until` has passed without a renewal.
  add column claim uuid,
  add column claimed_until timestamptz;

-- What workers made on z/VM, written down before Feilong hears of it. Gone when the slot is clean.
create table ledger (
  backend text not null,
  prefix text not null,
  generation integer not null,
  kind text not null check (kind in ('guest', 'image')),
  name text not null,
  -- 'intended' until Feilong's answer is known, 'unknown' when it never will be: it may still be made.
  state text not null default 'intended' check (state in ('intended', 'made', 'unknown')),
  -- MiB and GiB.
  memory integer not null default 0,
  disk integer not null default 0,
  noted_at timestamptz not null default now(),
  primary key (backend, prefix, kind, name)
);

alter table backends
  -- Out of use because a person or a maintenance window says so; null: in use.
  add column drained_at timestamptz,
  add column drained_by text,
  add column drain_reason text,
  -- What was free at the last look: MiB, GiB; null: it does not tell.
  add column memory_free integer,
  add column disk_free integer,
  -- What one worker may take.
  add column worker_memory integer not null default 0,
  add column worker_disk integer not null default 0,
  add column system text not null default '';

-- By the test server's clock: which test ran when the guard refused something.
alter table test_results add column started_at timestamptz;

-- What a build did on z/VM, from the trace of its guard.
alter table builds add column evidence jsonb;
