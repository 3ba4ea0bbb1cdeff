-- Proves: an analyst sees what people were told.
begin;
select plan(1);
select fixtures.fund();
select ops.engage_kill_switch('why');
set local role fund_analyst;
select results_eq('select a.level, a.code from audit.alerts as a where a.level = ''CRITICAL''',
    $$values ('CRITICAL'::text, 'KILL_SWITCH_ENGAGED'::text)$$, 'the kill');
reset role;
select * from finish();
rollback;
