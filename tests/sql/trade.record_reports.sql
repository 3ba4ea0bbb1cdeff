-- Proves: I8 (the broker is the truth for orders), I7; MQ240, MQ361.
begin;
select plan(11);

select fixtures.released();
select is(fixtures.reported(), '1 1 0', 'a first report is news');
select is(concat_ws(' ', o.state, o.broker_order_id), 'ACKNOWLEDGED b1', 'it acknowledges') from trade.orders as o;
select is(fixtures.reported(), '1 0 0', 'the same again is none');
select is(fixtures.reported('{"client_order_id": "theirs"}'), '0 0 1', 'nobody''s');
select is(r.unbooked, 1, 'an execution is missing')
from trade.record_reports('test', jsonb_build_array(fixtures.report('{"status": "partially_filled", "filled_quantity": "1"}'))) as r;
select is(r.ended #>> '{0,state}' || ' ' || (r.ended #>> '{0,reason}'), 'CANCELLED by hand', 'an end is told')
from trade.record_reports('test', jsonb_build_array(fixtures.report('{"status": "canceled", "reason": "by hand"}'))) as r;
select is(fixtures.reported('{"status": "canceled", "reason": "by hand"}'), '1 0 0', 'once');
select is(o.state, 'CANCELLED', 'it ends') from trade.orders as o;
select throws_ok($$select trade.record_reports('none', '[]')$$, 'MQ240', null, 'no such account');
select throws_ok($$select trade.record_reports('test', '[1]')$$, 'MQ361', null, 'no report');
set local role fund_decider;
select throws_ok($$select trade.record_reports('test', '[]')$$, '42501', null, 'not the decider');
reset role;

select * from finish();
rollback;
