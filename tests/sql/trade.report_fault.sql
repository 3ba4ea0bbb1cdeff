-- Proves: I7 (every field is compared), F11.
begin;
select plan(8);

select fixtures.released();
create function pg_temp.fault(p_change jsonb) returns text language sql as $$ select trade.report_fault(o, fixtures.report(p_change)) from trade.orders as o $$;
select is(pg_temp.fault('{}'), null, 'as sent');
select is(pg_temp.fault(c.change::jsonb), 'DIFFERENT_ORDER', c.change)
from (values ('{"symbol": "BBB"}'), ('{"side": "SELL"}'), ('{"order_type": "LIMIT", "limit_price": "1"}'), ('{"time_in_force": "GTC"}'), ('{"stop_price": "1"}')) as c (change);
select is(pg_temp.fault('{"status": "accepted_by_aliens"}'), 'UNKNOWN_STATUS', 'a word nobody knows');
alter table trade.orders disable trigger all;
update trade.orders set post_attempt = 0;
select is(pg_temp.fault('{}'), 'NOT_RELEASED', 'one that by our books never left');

select * from finish();
rollback;
