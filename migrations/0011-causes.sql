-- Why a build failed: kind, signature, lines that show it. Null: it did not fail, or an older sidegate judged it.
alter table builds add column cause jsonb;

-- Known troubles found in the logs of a build, as their signatures were then.
create table signature_hits (
  build uuid not null references builds,
  signature text not null,
  -- Name below the build's log folder.
  log text not null,
  title text not null,
  cause text not null,
  bug text,
  lines jsonb not null,
  primary key (build, signature, log)
);
