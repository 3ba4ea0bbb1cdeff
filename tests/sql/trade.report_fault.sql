-- Proves: I7 (every field is compared), F11.
begin;
select plan(10);

select fixtures.released();
create function pg_temp.fault(p_change jsonb) returns text language sql as $$ select trade.report_fault(o, fixtures.report(p_change)) from trade.orders as o $$;
select is(pg_temp.fault('{}'), null, 'as sent');
select is(pg_temp.fault(c.change::jsonb), 'DIFFERENT_ORDER', c.change)
from (values ('{"symbol": "BBB"}'), ('{"side": "SELL"}'), ('{"order_type": "LIMIT", "limit_price": "1"}'), ('{"time_in_force": "GTC"}'), ('{"stop_price": "1"}')) as c (change);
select trade.report_break('test', 'DIFFERENT_ORDER', 'AAA', fixtures.aaa(), '{}');
savepoint s;
select trade.resolve_break(min(b.break_id), 'left alone') from trade.breaks as b;
select is(pg_temp.fault('{"side": "SELL"}'), 'DIFFERENT_ORDER', 'as long as ours is open, whatever a person said');
rollback to s;
select trade.resolve_break(min(b.break_id), 'theirs is right', true) from trade.breaks as b;
select is(pg_temp.fault('{"side": "SELL"}'), null, 'no more once a person ended ours');
rollback to s;
select is(pg_temp.fault('{"status": "accepted_by_aliens"}'), 'UNKNOWN_STATUS', 'a word nobody knows');
alter table trade.orders disable trigger all;
update trade.orders set post_attempt = 0;
select is(pg_temp.fault('{}'), 'NOT_RELEASED', 'one that by our books never left');

select * from finish();
rollback;
