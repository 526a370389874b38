-- What was really tested: commits checked out, the driver that ran, guests made.
alter table builds add column proof jsonb;
