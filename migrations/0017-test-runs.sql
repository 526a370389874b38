-- How a test that failed ended when it was run again; null: it was not.
alter table test_results add column again text;

-- Tests that should have run and did not, and how far the tests are by the console; null: nothing is known.
alter table builds add column missing_tests jsonb, add column test_progress jsonb;
