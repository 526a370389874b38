-- Why a report is held: a person decides on a bad vote (`vote`), the summary tab could not read it (`unreadable`), or a job of it fails on
-- every change (`stopped`).
alter table reports add column held_for text check (held_for in ('vote', 'unreadable', 'stopped'));
update reports set held_for = 'vote' where state = 'held';
-- The job whose reports were stopped when it was written down.
alter table reports add column stopped_job text;
create index reports_intended_at on reports (intended_at);

-- Jobs whose failures are not reported: the storm brake, or a person, stopped them.
create table stopped_jobs (
  job text primary key,
  reason text not null,
  -- Null: the storm brake.
  stopped_by text,
  stopped_at timestamptz not null default now(),
  -- Null: stopped still. What was reported before counts no more.
  resumed_at timestamptz,
  resumed_by text
);

-- Since when a notice is open without a break.
alter table notices add column opened_at timestamptz not null default now();

-- Where notices are sent to.
create table notice_channels (
  name text primary key,
  -- Not before: the pause between two messages, after a failure, or while a process sends one.
  next_at timestamptz not null default now(),
  failures integer not null default 0
);
-- What each was told last of a notice.
create table told_notices (
  channel text not null,
  code text not null,
  subject text not null,
  -- Of the notice, when it was told.
  opened_at timestamptz not null,
  told_at timestamptz not null default now(),
  primary key (channel, code, subject)
);
