-- Proves: I4, I13 (what was released and has not left is stopped by a kill, a halt, another worker).
begin;
select plan(7);

select fixtures.released();
select is(trade.send_refusal(fixtures.aaa(), 1), null, 'released a moment ago');
select is(trade.send_refusal(fixtures.aaa(), 2), 'TAKEN_OVER', 'under a token that is not the order''s');
select is(trade.send_refusal('nobody', 1), 'TAKEN_OVER', 'an order there is not');
savepoint s;
select trade.report_break('test', 'CASH', null, null, '{}');
select is(trade.send_refusal(fixtures.aaa(), 1), 'STATE_HALT', 'a halt since');
rollback to s;
select ops.engage_kill_switch('since');
select is(trade.send_refusal(fixtures.aaa(), 1), 'KILL_SWITCH', 'a kill since');
select trade.return_unsent(fixtures.aaa(), 1, 'KILL_SWITCH');
select is(trade.send_refusal(fixtures.aaa(), 1), 'TAKEN_OVER', 'given back');
rollback to s;
select fixtures.hold('CCC', 10), fixtures.redecided('CCC', 190), trade.protect_positions('test'), ops.engage_kill_switch('since');
select trade.claim_orders('test', 'w', 60, 9);
select is(trade.send_refusal(o.client_order_id, 1), null, 'a protective stop leaves under a kill (B5)') from trade.orders as o where o.leg = 'stop';

select * from finish();
rollback;
