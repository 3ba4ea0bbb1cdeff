-- Proves: I24: an order with its events, executions and what it cost against the price decided on; what was refused says by what.
begin;
select plan(6);
select fixtures.desk();
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": "100"},
    {"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": "100000"}]');
select fixtures.done();
create temp table claimed as select c.* from trade.claim_orders('test', 'worker', 60, 10) as c;
select trade.record_ack(c.client_order_id, c.fencing_token, 'b-1') from claimed as c;
select trade.record_fill('test', 'e1', c.client_order_id, 40, 101, 0.5, 'raw', '2020-01-07', '2020-01-07 15:00+00') from claimed as c;
select trade.record_fill('test', 'e2', c.client_order_id, 60, 99.5, 0.25, 'raw', '2020-01-07', '2020-01-07 16:00+00') from claimed as c;
create temp table f as select audit.explain_orders(repeat('1', 32), 'AAA') -> 0 as found;
select is((f.found -> 'cost_usd')::numeric, 10.75, '40 x 1 - 60 x 0.5 + 0.75 of fees') from f;
select is((f.found -> 'filled_quantity')::numeric, 100::numeric, 'filled') from f;
select is(jsonb_path_query_array(f.found, '$.fills[*].execution_id'), '["e1", "e2"]'::jsonb, 'in order') from f;
select is(jsonb_path_query_array(f.found, '$.events[*].to'), '["PENDING", "SUBMITTED", "ACKNOWLEDGED", "PARTIAL", "FILLED"]'::jsonb, 'its events') from f;
select is(audit.explain_orders(repeat('1', 32), 'BBB') -> 0 ->> 'refused_by', 'order_value', 'a refused one');
select is(audit.explain_orders(repeat('1', 32), 'CCC'), '[]'::jsonb, 'none');
select * from finish();
rollback;
