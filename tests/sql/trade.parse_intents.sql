-- Proves: F14, I17 (a wish that cannot be read is an error, and says where); MQ304.
begin;
select plan(25);

select fixtures.desk();
create function pg_temp.refused(p_change jsonb) returns text language plpgsql as $$
declare
    v_detail text;
begin
    perform trade.parse_intents(jsonb_build_array(
        '{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": "1"}'::jsonb || p_change
    ));
    return 'read';
exception when sqlstate 'MQ304' then
    get stacked diagnostics v_detail = message_text;
    return v_detail;
end;
$$;
select results_eq(
    $$select * from trade.parse_intents('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": "1.2345"}, {"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": 2, "order_type": "STOP_LIMIT", "time_in_force": "GTC", "limit_price": "10", "stop_price": 9.5, "revision": 3}]')$$,
    $$values ('AAA', 'exit', 'SELL', 1.2345, 'MARKET', 'DAY', null::numeric, null::numeric, 0), ('BBB', 'entry', 'BUY', 2, 'STOP_LIMIT', 'GTC', 10, 9.5, 3)$$,
    'a market order for the day unless it says otherwise; numbers as text or not'
);
select is_empty($$select * from trade.parse_intents('[]')$$, 'an empty basket is a basket');
select is(pg_temp.refused(v.change), 'intent 1 cannot be read: ' || v.fault, v.change::text)
from (values
    ('{"symbol": "ZZZ"}'::jsonb, 'symbol'), ('{"symbol": null}', 'symbol'), ('{"leg": "ENTRY"}', 'leg'), ('{"side": "buy"}', 'side'),
    ('{"quantity": 0}', 'quantity'), ('{"quantity": -1}', 'quantity'), ('{"quantity": 1.00001}', 'quantity'), ('{"quantity": "NaN"}', 'quantity'),
    ('{"quantity": "Infinity"}', 'quantity'), ('{"quantity": null}', 'quantity'), ('{"order_type": "VWAP"}', 'order_type'),
    ('{"time_in_force": "OPG"}', 'time_in_force'), ('{"order_type": "LIMIT"}', 'limit_price'), ('{"limit_price": 5}', 'limit_price'),
    ('{"order_type": "LIMIT", "limit_price": "NaN"}', 'limit_price'), ('{"order_type": "STOP"}', 'stop_price'),
    ('{"order_type": "STOP", "stop_price": 0}', 'stop_price'), ('{"revision": -1}', 'revision'), ('{"client_order_id": "x"}', 'unknown key'),
    ('{"quantity": "ten"}', 'invalid input syntax for type numeric: "ten"')
) as v (change, fault);
select throws_ok($$select trade.parse_intents('{}')$$, 'MQ304', null, 'an object is no basket');
select throws_ok($$select trade.parse_intents(null)$$, 'MQ304', null, 'nothing is no basket');
select throws_ok($$select trade.parse_intents('["AAA"]')$$, 'MQ304', null, 'a string is no intent');

select * from finish();
rollback;
