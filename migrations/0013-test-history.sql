-- Ids may be longer than an index takes.
create index test_results_id on test_results (md5(id));
