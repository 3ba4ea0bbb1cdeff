-- Proves: I16, I17, HELD (the numbers the checks compare).
begin;
select plan(12);

select fixtures.desk();
select fixtures.hold('AAA', 300);
create function pg_temp.context(p_intent jsonb, p_releasing boolean default false) returns govern.order_contexts language sql as $$
    select trade.order_context(trade.basket(repeat('1', 32), 1), i, trade.order_book('test', '2020-01-06', array[i.symbol]), p_releasing)
    from jsonb_populate_record(null::govern.order_intents, '{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 5, "order_type": "MARKET", "time_in_force": "DAY"}'::jsonb || p_intent) as i
$$;
select is(concat_ws(' ', c.governance_state, c.shortable, c.decided_session, c.decided_price, c.price, c.price_session, c.nav), 'ACTIVE t 2020-01-06 100 100 2020-01-06 1000000', 'price and gate')
from pg_temp.context('{}') as c;
select is(concat_ws(' ', c.order_value, c.basket_value, c.turnover_value, c.symbol_orders, c.day_orders, c.executions), '500 500 500 1 1 0', 'the order is counted in') from pg_temp.context('{}') as c;
select is(concat_ws(' ', c.name_before, c.name_after, (c.exposures_before).long, (c.exposures_after).long, (c.exposures_after).held_long), '30000 30500 30000 30500 30000', 'before and after') from pg_temp.context('{}') as c;
select is(concat_ws(' ', c.reducible, c.reduces), '0 f', 'a purchase opens') from pg_temp.context('{}') as c;
select is(concat_ws(' ', c.reducible, c.reduces), '300 t', 'a sale reduces') from pg_temp.context('{"side": "SELL", "quantity": 300}') as c;
select is(concat_ws(' ', c.reducible, c.reduces), '300 f', 'a larger one does not') from pg_temp.context('{"side": "SELL", "quantity": 300.0001}') as c;
select fixtures.place('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 300, "order_type": "LIMIT", "limit_price": 101}]');
select is(c.name_after, 30500::numeric, 'a purchase is not netted against a sale that may not fill') from pg_temp.context('{}') as c;
select is(concat_ws(' ', c.opposite_quantity, c.type_taken), '300 t', 'it stands against a live sale') from pg_temp.context('{}') as c;
select is(c.opposite_quantity, 0::numeric, 'another sale does not') from pg_temp.context('{"side": "SELL"}') as c;
select fixtures.hold('CCC', 10);
select fixtures.place('[{"symbol": "CCC", "leg": "stop", "side": "SELL", "quantity": 10, "order_type": "STOP", "stop_price": 190}]');
select is(concat_ws(' ', p.opposite_quantity, r.opposite_quantity), '0 10', 'a resting stop makes way at placing and must be gone at release')
from pg_temp.context('{"symbol": "CCC"}') as p, pg_temp.context('{"symbol": "CCC"}', true) as r;
select is(c.type_taken, false, 'no fraction is immediate') from pg_temp.context('{"quantity": 0.5, "time_in_force": "IOC"}') as c;
insert into ref.instruments select (jsonb_populate_record(i, '{"symbol": "NEW"}')).* from ref.instruments as i where i.symbol = 'AAA';
select is(concat_ws(' ', c.price is null, c.governance_state is null, c.order_value is null, c.reduces), 't t t f', 'what is not known is NULL') from pg_temp.context('{"symbol": "NEW"}') as c;

select * from finish();
rollback;
