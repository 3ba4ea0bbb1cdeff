-- Proves: A5, B5 (what an order may close).
begin;
select plan(8);

create function pg_temp.line(p jsonb) returns govern.book_lines language sql as $$
    select jsonb_populate_record(null::govern.book_lines, '{"symbol": "AAA", "held": 0, "buys": 0, "sells": 0, "market_buys": 0, "market_sells": 0, "stops": 0, "order_count": 0, "price": 100, "sector": "Energy"}'::jsonb || p)
$$;

create function pg_temp.reducible(p_line jsonb, p_side text, p_leg text default 'exit') returns numeric language sql as $$
    select trade.reducible_quantity(pg_temp.line(p_line), jsonb_populate_record(null::govern.order_intents, jsonb_build_object('side', p_side, 'leg', p_leg)))
$$;
select is(pg_temp.reducible('{"held": 10}', 'SELL'), 10::numeric, 'a long position can be sold');
select is(pg_temp.reducible('{"held": 10}', 'BUY'), 0::numeric, 'not bought toward zero');
select is(pg_temp.reducible('{"held": -10}', 'BUY'), 10::numeric, 'a short one can be bought');
select is(pg_temp.reducible('{"held": 10, "sells": 4}', 'SELL'), 6::numeric, 'less what is being sold');
select is(pg_temp.reducible('{"held": 10, "sells": 15}', 'SELL'), 0::numeric, 'never below zero');
select is(pg_temp.reducible('{"held": 10, "stops": 10}', 'SELL'), 10::numeric, 'a protective stop is no sale');
select is(pg_temp.reducible('{"held": 10, "stops": 7, "sells": 5}', 'SELL', 'stop'), 0::numeric, 'nor does a stop cover what is being sold');
select is(pg_temp.reducible('{"held": 10, "stops": 3, "sells": 2}', 'SELL', 'stop'), 5::numeric, 'stops and exits never exceed the position together (B5)');

select * from finish();
rollback;
