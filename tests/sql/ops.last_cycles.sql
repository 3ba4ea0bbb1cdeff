-- Proves: status shows the newest run of each account with its verdicts.
begin;
select plan(3);
select is(ops.last_cycles(), '[]'::jsonb, 'none yet');
select fixtures.fund();
select is(fixtures.cycle(), 'DONE', 'a cycle');
select is(jsonb_path_query_array(ops.last_cycles(), '$[0].verdicts[*].layer'), '[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]'::jsonb, 'eleven verdicts');
select * from finish();
rollback;
