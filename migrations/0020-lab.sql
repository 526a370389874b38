-- How a job failed before any of its tests had ended, to compare it with builds of other changes and of the branch: {"phase", "how", "lines"}.
alter table builds add column early_failure jsonb;
