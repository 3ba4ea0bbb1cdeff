-- Proves: I16 (a basket counts itself).
begin;
select plan(6);

create function pg_temp.line(p jsonb) returns govern.book_lines language sql as $$
    select jsonb_populate_record(null::govern.book_lines, '{"symbol": "AAA", "held": 0, "buys": 0, "sells": 0, "market_buys": 0, "market_sells": 0, "stops": 0, "order_count": 0, "price": 100, "sector": "Energy"}'::jsonb || p)
$$;

create function pg_temp.add(p_intent jsonb) returns text language sql as $$
    select string_agg(concat_ws(' ', l.symbol, l.buys, l.sells, l.market_buys, l.market_sells, l.stops, l.order_count), ',' order by l.symbol)
    from unnest(trade.book_add(
        array[pg_temp.line('{}'), pg_temp.line('{"symbol": "BBB"}')],
        jsonb_populate_record(null::govern.order_intents, '{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 5, "order_type": "MARKET"}'::jsonb || p_intent)
    )) as l
$$;
select is(pg_temp.add('{}'), 'AAA 5 0 5 0 0 1,BBB 0 0 0 0 0 0', 'a market order to buy');
select is(pg_temp.add('{"side": "SELL"}'), 'AAA 0 5 0 5 0 1,BBB 0 0 0 0 0 0', 'to sell');
select is(pg_temp.add('{"order_type": "LIMIT"}'), 'AAA 5 0 0 0 0 1,BBB 0 0 0 0 0 0', 'a limit order');
select is(pg_temp.add('{"leg": "stop", "order_type": "STOP"}'), 'AAA 0 0 0 0 5 1,BBB 0 0 0 0 0 0', 'a protective stop stands apart');
select is(pg_temp.add('{"quantity": -5}'), 'AAA -5 0 -5 0 0 -1,BBB 0 0 0 0 0 0', 'a negative quantity takes it out');
select is(pg_temp.add('{"symbol": "ZZZ"}'), 'AAA 0 0 0 0 0 0,BBB 0 0 0 0 0 0', 'a symbol without a line changes nothing');

select * from finish();
rollback;
