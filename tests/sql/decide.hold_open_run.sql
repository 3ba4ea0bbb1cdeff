-- Proves: only an OPEN run can be written to.
begin;
select plan(3);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select is((select (decide.hold_open_run(o.cycle_id, o.run)).state from opened as o), 'OPEN', 'open');
select throws_ok('select decide.hold_open_run(o.cycle_id, 2) from opened as o', 'MQ244', null, 'no such run');
select decide.close_run(o.cycle_id, o.run, 'FAILED', null, 'TEST', 1, '{}') from opened as o;
select throws_ok('select decide.hold_open_run(o.cycle_id, o.run) from opened as o', 'MQ244', null, 'closed');
select * from finish();
rollback;
