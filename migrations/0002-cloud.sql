-- Test servers in full: places, boot attempts, holds, images of our own, racks, and what is known of each cloud.

alter table servers
  add column zone text,
  -- How often a server was tried for the same build or place in the pool, this one included, and where before: ["CLOUD/ZONE", …].
  add column attempt integer not null default 1,
  add column tried jsonb not null default '[]',
  -- 'image': is being prepared to be snapshotted; 'canary': tries a new image. Neither is ever given to a build.
  add column purpose text not null default 'build' check (purpose in ('build', 'image', 'canary')),
  -- The image of our own it boots from, and the Glance id it was booted from, where known.
  add column image uuid,
  add column image_id text,
  -- When Nova said ACTIVE and the host keys were known, and when the login worked.
  add column active_at timestamptz,
  add column ready_at timestamptz,
  add column delete_attempts integer not null default 0,
  -- Path of the saved console below the log archive; a boot that failed has one.
  add column boot_log text;
alter table servers drop constraint servers_state_check;
alter table servers add constraint servers_state_check
  check (state in ('building', 'ready', 'held', 'deleting', 'deleted'));
create index servers_failed on servers (since) where error_code is not null;
-- Looked at whenever any server changes, with thousands of ready ones beside them.
create index servers_building on servers (owner) where state = 'building';
create index servers_deleting on servers (next_try_at) where state = 'deleting';

-- What the last look at each cloud found; every process decides by it.
create table clouds (
  name text primary key,
  -- false: its circuit breaker is open, or it refuses us.
  healthy boolean not null default true,
  detail text not null default '',
  capacity jsonb,
  checked_at timestamptz,
  next_try_at timestamptz not null default now()
);

-- Wishes to keep a server whose build fails, and the servers kept. 'waiting' for a build that fits, 'holding' a server, 'ended'.
create table holds (
  id uuid primary key,
  state text not null default 'waiting' check (state in ('waiting', 'holding', 'ended')),
  -- What it waits for; null fits all.
  build uuid,
  project text,
  change_number integer,
  job text,
  reason text not null,
  requested_by text not null,
  ssh_key text not null,
  ttl_seconds integer not null,
  server uuid,
  held_build uuid,
  -- The key was put on the server.
  key_added_at timestamptz,
  created_at timestamptz not null default now(),
  -- A wish nothing fits ends at this time, a held server is let go at it.
  until timestamptz not null,
  ended_at timestamptz,
  ended_by text,
  detail text not null default '',
  next_try_at timestamptz not null default now()
);
create index holds_open on holds (state) where state <> 'ended';

-- Images of our own, each for one label in one cloud.
create table images (
  id uuid primary key,
  label text not null,
  cloud text not null,
  name text not null unique,
  -- active: servers boot from it; retired: was good, kept to go back to.
  state text not null check (state in ('preparing', 'snapshotting', 'testing', 'active', 'retired', 'failed', 'deleted')),
  image_id text,
  -- The server being prepared, then the canary.
  server uuid,
  -- Null: nobody works on it yet.
  owner uuid references processes,
  -- Raised by every process that takes it; writes of an older epoch change nothing.
  epoch integer not null default 0,
  requested_by text not null,
  log_path text not null,
  detail text not null default '',
  created_at timestamptz not null default now(),
  since timestamptz not null default now(),
  promoted_at timestamptz,
  -- Builds on it that got past provisioning, and those that did not; a new image that only fails is taken back.
  good_builds integer not null default 0,
  bad_builds integer not null default 0,
  -- When a failed or deleted one was gone from Glance.
  gone_at timestamptz,
  next_try_at timestamptz not null default now()
);
create unique index images_in_work on images (label, cloud) where state in ('preparing', 'snapshotting', 'testing');
create unique index images_active on images (label, cloud) where state = 'active';

-- Hosts of racks. 'lent' to a row in servers; 'resetting' must be made as new before it is 'free' again.
create table rack_hosts (
  rack text not null,
  host text not null,
  state text not null default 'free' check (state in ('free', 'lent', 'resetting')),
  -- Whom it is lent to; kept while it is reset for as long as somebody waits for that: installation, row in servers and its name.
  owner text,
  server uuid,
  server_name text,
  since timestamptz not null default now(),
  -- The reset under way, and when the next one may begin.
  reset uuid,
  next_try_at timestamptz not null default now(),
  failures integer not null default 0,
  detail text not null default '',
  primary key (rack, host)
);
create unique index rack_hosts_server on rack_hosts (rack, server);

-- Counted for /metrics; they survive restarts and add up over all processes.
create table counters (
  name text not null,
  subject text not null,
  value bigint not null default 0,
  primary key (name, subject)
);

-- Servers of before: a slot may only be swept when its worker is gone, unless the worker was never ready.
update servers set ready_at = since where address is not null;
