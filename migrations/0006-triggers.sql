alter table events
  -- A rule asks for the files of the patchset: they are read from Gerrit before the event, and any later one of its change, is decided.
  add column needs_files boolean not null default false,
  -- Paths the patchset touches; empty where Gerrit does not say.
  add column files jsonb,
  add column files_tries integer not null default 0,
  add column files_after timestamptz not null default now();
create index events_needing_files on events (connection, change_number, id) where needs_files and decision is null;
