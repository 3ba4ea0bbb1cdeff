-- Proves: I25: the simulated clock is a row; no setting and no temporary table moves it.
begin;
select plan(3);
select ops.advance_clock('2013-02-27 22:00Z');
select is(ops.now(), timestamptz '2013-02-27 22:00Z', 'the stored instant');
create temp table simulated_clocks as select timestamptz '2030-01-01Z' as instant;
set local search_path = pg_temp, ops, public;
select is(ops.now(), timestamptz '2013-02-27 22:00Z', 'a temporary table does not shadow it');
set local search_path = public;
alter table ops.instances disable trigger all;
delete from ops.instances;
select throws_ok('select ops.now()', 'MQ201', null, 'without an instance there is no clock');
select * from finish();
rollback;
