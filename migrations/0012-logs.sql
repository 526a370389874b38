-- Logs are deleted by age and when the disk is full: said here first, deleted afterwards, and then said to be gone.
alter table builds
  add column logs_expired_at timestamptz,
  add column logs_expired_for text check (logs_expired_for in ('age', 'disk')),
  add column logs_deleted_at timestamptz;
create index builds_logs_kept on builds (ended_at) where state = 'done' and logs_expired_at is null;
create index builds_logs_to_delete on builds (logs_expired_at) where logs_expired_at is not null and logs_deleted_at is null;
