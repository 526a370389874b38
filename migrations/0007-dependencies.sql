alter table buildsets
  -- What is tested together with the patchset; null until Gerrit has told it: its builds wait.
  add column dependencies jsonb,
  add column dependencies_tries integer not null default 0,
  -- When Gerrit is asked next; null: never again.
  add column dependencies_after timestamptz default now();
create index buildsets_without_dependencies on buildsets (dependencies_after) where state = 'open' and dependencies_after is not null;
