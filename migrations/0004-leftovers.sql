-- What the leak sweep found in the clouds and that is not gone yet: each is counted once, when it is confirmed to be gone, and told
-- when it does not go.
create table leftovers (
  cloud text not null,
  kind text not null,
  id text not null,
  name text not null,
  found_at timestamptz not null default now(),
  -- How often its deletion was asked for; what came of the last time, empty when nothing went wrong.
  attempts integer not null default 0,
  detail text not null default '',
  primary key (cloud, kind, id)
);
