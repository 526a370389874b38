-- A buildset may test the tip of a branch that no change started: it has no change, then.
alter table buildsets
  alter column change_number drop not null,
  alter column change_id drop not null,
  alter column patchset drop not null,
  alter column subject drop not null,
  alter column owner drop not null,
  alter column url drop not null,
  add check (num_nulls(change_number, change_id, patchset, subject, owner, url) in (0, 6));
-- What `buildsets_open` is for changes: null is never equal there.
create unique index buildsets_open_tip on buildsets (connection, project, branch, revision, pipeline)
  where state = 'open' and change_number is null;
create index buildsets_tip on buildsets (connection, project, branch, pipeline, created_at) where change_number is null;

alter table events
  alter column change_number drop not null,
  drop constraint events_source_check,
  add constraint events_source_check check (source in ('stream', 'backfill', 'manual', 'timer'));
