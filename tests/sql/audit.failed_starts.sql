-- Proves: an analyst sees why a session has no cycle (I26).
begin;
select plan(1);
select fixtures.fund();
select decide.record_failed_start('paper', '2013-02-27', 12, 'another configuration', ops.now());
set local role fund_analyst;
select results_eq('select f.account, f.as_of_session, f.exit_code, f.reason from audit.failed_starts as f',
    $$values ('paper', '2013-02-27'::date, 12, 'another configuration')$$, 'the start that failed');
reset role;
select * from finish();
rollback;
