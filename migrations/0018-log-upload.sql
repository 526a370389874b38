-- Which builds' logs are in an object store. What shall happen is said here first, done then, and then said to be done.
create table log_uploads (
  build uuid primary key references builds,
  -- The container or bucket, as people are told of it: another one has none of it.
  place text not null,
  attempts integer not null default 0,
  next_try_at timestamptz not null default now(),
  claimed_by uuid,
  claimed_until timestamptz,
  problem text,
  -- All files are there, and were checked.
  stored_at timestamptz,
  files integer,
  bytes bigint,
  -- The local copy goes; from then on the object store is asked.
  dropped_at timestamptz,
  -- It is gone.
  local_deleted_at timestamptz,
  -- Logs expired, and the objects are deleted.
  removed_at timestamptz
);
create index log_uploads_stored on log_uploads (stored_at) where stored_at is not null and dropped_at is null;
create index log_uploads_dropped on log_uploads (dropped_at) where dropped_at is not null and local_deleted_at is null;
create index log_uploads_unremoved on log_uploads (next_try_at) where removed_at is null;
-- For the folders above a build's own.
create index builds_log_path on builds (log_path text_pattern_ops);
