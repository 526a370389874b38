-- What people ask about lives here; DBOS keeps its own tables in the schema "dbos" of the same database.
-- Times are timestamptz; the flow never compares them with a process's own clock.

-- One row: marks test servers as ours across restarts.
create table installation (
  one boolean primary key default true check (one),
  id uuid not null default gen_random_uuid(),
  created_at timestamptz not null default now()
);
insert into installation default values;

-- Every running sidegate process. It holds a session advisory lock on its id; who can take that lock knows the process is dead.
create table processes (
  id uuid primary key,
  host text not null,
  pid integer not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz
);

-- The journal. An event is committed here before anything else is done with it.
create table events (
  id bigint generated always as identity primary key,
  connection text not null,
  -- The same for the same event heard twice over the stream, or found twice by backfill.
  key text not null,
  source text not null check (source in ('stream', 'backfill', 'manual')),
  type text not null,
  project text not null,
  change_number integer not null,
  patchset integer,
  event jsonb not null,
  -- Comments only: what stream and REST agree on (change, patchset, author), to pair the two views of one comment.
  pair_key text,
  -- Key of the other view of the same comment, once it was seen.
  paired_key text,
  gerrit_at timestamptz not null,
  heard_at timestamptz not null default now(),
  decision text,
  reason text,
  decided_at timestamptz,
  unique (connection, key)
);
create index events_undecided on events (id) where decision is null;
create index events_pair on events (connection, pair_key) where pair_key is not null and paired_key is null;
create index events_paired_key on events (connection, paired_key) where paired_key is not null;

-- How each Gerrit connection stands, and up to where everything is known to be heard.
create table connections (
  name text primary key,
  state text not null check (state in ('connected', 'connecting', 'failed')),
  detail text not null default '',
  heard_until timestamptz,
  last_event_at timestamptz
);

-- The newest patchset known of each change.
create table changes (
  connection text not null,
  number integer not null,
  project text not null,
  current_patchset integer not null,
  primary key (connection, number)
);

create table buildsets (
  id uuid primary key,
  connection text not null,
  project text not null,
  branch text not null,
  change_number integer not null,
  change_id text not null,
  patchset integer not null,
  revision text not null,
  ref text not null,
  subject text not null,
  owner text not null,
  url text not null,
  pipeline text not null,
  priority integer not null,
  trigger_event bigint not null references events,
  state text not null default 'open' check (state in ('open', 'done', 'cancelled')),
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (trigger_event, pipeline)
);
-- A second recheck while the first is queued or running finds this in its way.
create unique index buildsets_open on buildsets (connection, change_number, patchset, pipeline) where state = 'open';
create index buildsets_change on buildsets (connection, change_number);

create table builds (
  id uuid primary key,
  buildset uuid not null references buildsets,
  job text not null,
  attempt integer not null,
  state text not null default 'queued' check (state in ('queued', 'running', 'done')),
  step text,
  phase text,
  step_since timestamptz,
  -- Raised by every process that takes the build; writes of an older epoch change nothing.
  epoch integer not null default 0,
  owner uuid references processes,
  -- Why the build shall stop.
  cancel_reason text,
  waiting_for text,
  queued_at timestamptz not null default now(),
  not_before timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  server uuid,
  backend text,
  prefix text,
  result text,
  reason text,
  error_code text,
  passed integer,
  failed integer,
  skipped integer,
  failed_tests jsonb not null default '[]',
  log_path text not null,
  unique (buildset, job, attempt)
);
create index builds_queued on builds (queued_at) where state = 'queued';
create index builds_running on builds (owner) where state = 'running';
create index builds_done on builds (ended_at desc) where state = 'done';

create table build_history (
  build uuid not null references builds,
  at timestamptz not null default now(),
  step text not null,
  phase text
);
create index build_history_build on build_history (build, at);

create table test_results (
  build uuid not null references builds,
  ordinal integer not null,
  id text not null,
  outcome text not null,
  duration integer,
  tags jsonb not null,
  details text not null,
  primary key (build, ordinal)
);

-- Test servers. The row is committed before Nova is asked, so a server without a row is never ours and a row without a server is known.
create table servers (
  id uuid primary key,
  cloud text not null,
  label text not null,
  name text not null,
  state text not null check (state in ('building', 'ready', 'deleting', 'deleted')),
  nova_id text,
  address text,
  host_keys jsonb not null default '[]',
  build uuid,
  owner uuid references processes,
  created_at timestamptz not null default now(),
  since timestamptz not null default now(),
  next_try_at timestamptz not null default now(),
  error_code text,
  detail text not null default ''
);
create index servers_alive on servers (label) where state <> 'deleted';

-- The places of the back ends. `leased` belongs to a build; `dirty` must be swept before it is `free` again.
create table slots (
  backend text not null,
  prefix text not null,
  state text not null default 'free' check (state in ('free', 'leased', 'dirty')),
  -- Raised with every lease.
  epoch integer not null default 0,
  build uuid,
  -- The worker that used it: its server must be gone before the sweep, or it could still create guests.
  server uuid,
  configured boolean not null default true,
  since timestamptz not null default now(),
  next_try_at timestamptz not null default now(),
  detail text not null default '',
  primary key (backend, prefix)
);

create table backends (
  name text primary key,
  kind text not null,
  healthy boolean not null default true,
  detail text not null default '',
  checked_at timestamptz
);
-- Kept to tell a failed test from a back end that was out of order meanwhile.
create table backend_outages (
  backend text not null,
  began_at timestamptz not null default now(),
  ended_at timestamptz,
  detail text not null
);
create index backend_outages_backend on backend_outages (backend, began_at);

-- What Gerrit shall be told: intended first, then posted, then confirmed.
create table reports (
  buildset uuid primary key references buildsets,
  message text not null,
  tag text not null,
  -- Text only this report contains, to find it again on Gerrit.
  marker text not null,
  label text,
  value integer,
  state text not null default 'intended' check (state in ('intended', 'posted', 'failed')),
  outcome text,
  detail text not null default '',
  attempts integer not null default 0,
  next_try_at timestamptz not null default now(),
  claimed_by uuid references processes,
  intended_at timestamptz not null default now(),
  posted_at timestamptz
);
create index reports_intended on reports (next_try_at) where state = 'intended';

-- What the operator should know. One row per code and subject; the count tells how often.
create table notices (
  code text not null,
  subject text not null,
  text text not null,
  todo text not null,
  count integer not null default 1,
  first_at timestamptz not null default now(),
  last_at timestamptz not null default now(),
  closed_at timestamptz,
  primary key (code, subject)
);
