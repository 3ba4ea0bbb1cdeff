-- Proves: I16, HELD (an order meets the book without itself and without what waits for it).
begin;
select plan(3);

select fixtures.resting(), fixtures.next_cycle();
select fixtures.place_next('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 100}, {"symbol": "AAA", "leg": "entry", "side": "SELL", "quantity": 50}]');
create function pg_temp.met(p_leg text) returns text language sql as $$
    select concat_ws(' ', trim_scale(l.held), trim_scale(l.sells), trim_scale(l.stops), l.order_count)
    from trade.orders as o, unnest(trade.book_before(trade.order_book('test', '2020-01-06', '{AAA}'), o.client_order_id)) as l
    where o.leg = p_leg
$$;
select is(pg_temp.met('entry'), '100 100 100 2', 'the last of three meets the two before it');
select is(pg_temp.met('exit'), '100 0 100 1', 'the exit not the entry behind it');
select is(pg_temp.met('stop'), '100 0 0 0', 'the first meets none');

select * from finish();
rollback;
