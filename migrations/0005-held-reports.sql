-- Reports that wait for a person, that a person or a newer patchset kept from Gerrit, and those of silent pipelines.
alter table reports drop constraint reports_state_check;
alter table reports add constraint reports_state_check
  check (state in ('intended', 'held', 'posted', 'failed', 'dropped', 'silent'));
-- Who let it go, or kept it back.
alter table reports add column decided_by text;
create index reports_held on reports (intended_at) where state = 'held';
