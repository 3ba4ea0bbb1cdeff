-- Proves: HELD, A1, A2, I17 (the two books).
begin;
select plan(8);

create function pg_temp.line(p jsonb) returns govern.book_lines language sql as $$
    select jsonb_populate_record(null::govern.book_lines, '{"symbol": "AAA", "held": 0, "buys": 0, "sells": 0, "market_buys": 0, "market_sells": 0, "stops": 0, "order_count": 0, "price": 100, "sector": "Energy"}'::jsonb || p)
$$;

create function pg_temp.exposures(variadic p jsonb[]) returns text language sql as $$
    select e::text from trade.book_exposures(array(select pg_temp.line(l) from unnest(p) as l), 'Energy') as e
$$;
select is(pg_temp.exposures('{"held": 10}', '{"symbol": "B", "held": -5, "sector": "X"}'), '(1500,1000,500,1000,1500,1000,500,1000)', 'positions alone');
select is(pg_temp.exposures('{"held": 10, "sells": 10, "market_sells": 10}'), '(1000,1000,0,1000,0,0,0,0)', 'a market order to sell closes the book with orders');
select is(pg_temp.exposures('{"held": 10, "sells": 10}'), '(1000,1000,0,1000,1000,1000,0,1000)', 'a resting one does not');
select is(pg_temp.exposures('{"held": 10, "sells": 15, "market_sells": 15}'), '(1000,1000,0,1000,500,0,500,500)', 'a flip is short with its orders');
select is(pg_temp.exposures('{"buys": 7}'), '(0,0,0,0,700,700,0,700)', 'a resting purchase counts');
select is(pg_temp.exposures('{"held": 1, "price": null}', '{"symbol": "B", "held": 1}'), '(,,,,,,,)', 'one unknown price, and nothing is known');
select is(pg_temp.exposures('{"price": null}', '{"symbol": "B", "held": 1, "sector": "X"}'), '(100,100,0,0,100,100,0,0)', 'unless nothing of it is held or ordered');
select is(trade.book_exposures('{}', 'Energy')::text, '(0,0,0,0,0,0,0,0)', 'an empty book is zero');

select * from finish();
rollback;
