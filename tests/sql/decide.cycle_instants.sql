-- Proves: F17: as_of and trade session come from the accounts calendar.
begin;
select plan(9);
select fixtures.fund();
select results_eq('select i.as_of, i.trade_session from decide.cycle_instants(''paper'', ''paper'', ''2013-02-27'', 30) as i', $$values (timestamptz '2013-02-27 21:30Z', date '2013-02-28')$$, 'close plus delay; the next session');
select results_eq('select i.trade_session from decide.cycle_instants(''paper'', ''paper'', ''2013-02-22'', 30) as i', $$values (date '2013-02-25')$$, 'over a weekend');
select throws_ok('select decide.cycle_instants(''nobody'', ''paper'', ''2013-02-27'', 30)', 'MQ240', null, 'no such account');
select throws_ok('select decide.cycle_instants(''paper'', ''live'', ''2013-02-27'', 30)', 'MQ241', null, 'live on a paper account');
select lives_ok('select decide.cycle_instants(''paper'', ''shadow'', ''2013-02-27'', 30)', 'shadow on any');
select throws_ok('select decide.cycle_instants(''paper'', ''paper'', ''2013-02-23'', 30)', 'MQ242', null, 'a Saturday');
select throws_ok('select decide.cycle_instants(''paper'', ''paper'', ''2013-02-27'', -1)', 'MQ242', null, 'no delay before the close');
select throws_ok('select decide.cycle_instants(''paper'', ''paper'', ''2013-02-27'', 61)', 'MQ243', null, 'not known yet');
select throws_ok('select decide.cycle_instants(''paper'', ''paper'', ''2013-02-28'', 30)', 'MQ243', null, 'not over yet');
select * from finish();
rollback;
