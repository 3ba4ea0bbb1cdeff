-- Proves: I7, I8, I9 (filled is what executions say), F11.
begin;
select plan(19);

select fixtures.released();
savepoint s;
select is(fixtures.reported('{"quantity": "99"}'), '1 1 0', 'another quantity');
select is(concat_ws(' ', b.kind, o.state), 'DIFFERENT_ORDER SUBMITTED', 'is a break, and means nothing else') from trade.open_breaks as b, trade.orders as o;
rollback to s;
select is(fixtures.reported('{"status": "weird"}'), '1 1 0', 'a word nobody knows');
select is(concat_ws(' ', b.kind, b.effect), 'UNKNOWN_STATUS HALT', 'halts') from trade.open_breaks as b;
rollback to s;
select trade.record_doubt(fixtures.aaa(), 1, 'TIMEOUT');
select is(fixtures.reported('{"status": "filled", "filled_quantity": "100"}'), '1 1 0', 'one in doubt is adopted, without a token');
select is(concat_ws(' ', o.state, o.in_doubt, o.broker_filled_quantity), 'ACKNOWLEDGED f 100', 'filled comes by executions') from trade.orders as o;
select is(fixtures.reported('{"status": "filled", "filled_quantity": "40"}'), '1 0 0', 'a lower filled quantity, late');
select is(o.broker_filled_quantity, 100::numeric, 'never falls') from trade.orders as o;
select trade.record_fill('test', 'x1', fixtures.aaa(), 40, 100, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00');
select is(fixtures.reported('{"status": "rejected", "filled_quantity": "40", "reason": "late"}'), '1 1 0', 'rejected after a partial fill');
select is(concat_ws(' ', o.state, l.quantity), 'CANCELLED 40', 'the rest is cancelled, the fill stays')
from trade.orders as o, trade.held_quantities as l;
rollback to s;
select is(fixtures.reported('{"status": "canceled", "filled_quantity": "40"}'), '1 1 0', 'cancelled, with executions we have not seen');
select is(o.state, 'ACKNOWLEDGED', 'is not over before they are booked') from trade.orders as o;
select trade.record_fill('test', 'x1', fixtures.aaa(), 40, 100, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00');
select fixtures.reported('{"status": "canceled", "filled_quantity": "40"}');
select is(o.state, 'CANCELLED', 'and then is') from trade.orders as o;
rollback to s;
select is(fixtures.reported('{"status": "rejected", "reason": "accepted, then rejected"}'), '1 1 0', 'accepted then rejected');
select is(o.state, 'REJECTED', 'is rejected') from trade.orders as o;
select is(string_agg(e.event, ',' order by e.event_id), 'placed,released,acknowledged,rejected', 'by both steps') from trade.order_events as e;

rollback to s;
alter table trade.orders disable trigger all;
update trade.orders set post_attempt = 0, state = 'PENDING', lease_owner = null, lease_until = null, submitted_at = null;
alter table trade.orders enable trigger all;
select is(fixtures.reported(), '1 1 0', 'one that by our books never left: the books were restored');
select is(b.kind || ' ' || b.effect, 'NOT_RELEASED HALT', 'halts') from trade.open_breaks as b;
select is(concat_ws(' ', o.state, o.broker_order_id, o.post_attempt), 'ACKNOWLEDGED b1 1', 'and is taken up') from trade.orders as o;

select * from finish();
rollback;
