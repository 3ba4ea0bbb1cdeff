-- Proves: I25: the clock moves forward only, on a simulated database only.
begin;
select plan(5);
select is(ops.advance_clock('2013-02-27 22:00Z'), timestamptz '2013-02-27 22:00Z', 'forward');
select is(ops.advance_clock('2013-02-27 22:00Z'), timestamptz '2013-02-27 22:00Z', 'standing is no step back');
select throws_ok('select ops.advance_clock(''2013-02-27 21:59Z'')', 'MQ203', null, 'never back');
select throws_ok('select ops.advance_clock(''infinity'')', 'MQ203', null, 'never to no instant');
update ops.instances set kind = 'real';
select throws_ok('select ops.advance_clock(''2013-02-28'')', 'MQ202', null, 'never on a real database');
select * from finish();
rollback;
