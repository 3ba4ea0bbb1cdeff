-- Proves: I9, I16, D14, HELD (positions, live orders, price and sector of every symbol).
begin;
select plan(11);

select fixtures.desk();
select fixtures.hold('AAA', 300), fixtures.hold('BBB', -40);
select fixtures.place('[{"symbol": "AAA", "leg": "exit", "side": "SELL", "quantity": 100},
    {"symbol": "AAA", "leg": "stop", "side": "SELL", "quantity": 200, "order_type": "STOP", "stop_price": 90},
    {"symbol": "CCC", "leg": "entry", "side": "BUY", "quantity": 5, "order_type": "LIMIT", "limit_price": 199}]');
select results_eq(
    $$select l.symbol, l.held, l.buys, l.sells, l.market_buys, l.market_sells, l.stops, l.order_count, l.price, l.price_session, l.sector
        from unnest(trade.order_book('test', '2020-01-06', array['DDD'])) as l$$,
    $$values ('AAA', 300::numeric, 0::numeric, 100::numeric, 0::numeric, 100::numeric, 200::numeric, 2, 100::numeric, date '2020-01-06', 'Energy'),
        ('BBB', -40, 0, 0, 0, 0, 0, 0, 50, '2020-01-06', 'Energy'),
        ('CCC', 0, 5, 0, 0, 0, 0, 1, 200, '2020-01-06', 'Health Care'), ('DDD', 0, 0, 0, 0, 0, 0, 0, 10, '2020-01-06', 'Utilities')$$,
    'held, ordered and asked for'
);
insert into ref.instruments select (jsonb_populate_record(i, '{"symbol": "NEW"}')).* from ref.instruments as i where i.symbol = 'AAA';
select results_eq(
    $$select l.symbol, l.price, l.sector from unnest(trade.order_book('test', '2020-01-06', array['NEW'])) as l where l.symbol = 'NEW'$$,
    $$values ('NEW', null::numeric, 'Unknown')$$, 'without bars and sector: no price, one unknown sector (A2)'
);
savepoint funds;
update ref.instruments set asset_class = 'etf' where symbol in ('AAA', 'CCC', 'DDD');
update ref.universe set sector = 'Index' where symbol in ('BBB', 'CCC', 'DDD');
select results_eq(
    $$select l.symbol, l.sector from unnest(trade.order_book('test', '2020-01-06', array['DDD'])) as l$$,
    $$values ('AAA', 'Energy'), ('BBB', 'Index'), ('CCC', 'CCC'), ('DDD', 'DDD')$$,
    'a broad index fund is a sector of its own; a sector''s fund is of its sector (A2)'
);
rollback to savepoint funds;
select is(trade.order_book('none', '2020-01-06', '{}'), '{}', 'an empty book is empty, not NULL');
select is(l.price_session, date '2020-01-06', 'a bar not known yet is not seen') from unnest(trade.order_book('test', '2020-01-09', array['CCC'])) as l where l.symbol = 'CCC';

-- A split between the close and today: shares are booked as new ones at the opening, the close is of old ones.
create function pg_temp.line(p_symbol text, p_as_of date default '2020-01-06') returns text language sql as $$
    select concat_ws(' ', trim_scale(l.held), trim_scale(l.price), l.price_session) from unnest(trade.order_book('test', p_as_of, array[p_symbol])) as l where l.symbol = p_symbol
$$;
select fixtures.action('BBB', '2020-01-07', 'split', 2), fixtures.action('DDD', '2020-01-07', 'split', 0.1), fixtures.action('CCC', '2020-01-07', 'dividend', 1.01, 2);
select fixtures.rebase('BBB', '2020-01-07', 2);
select is(pg_temp.line('BBB'), '-40 50 2020-01-06', 'a split to come changes nothing');
select ops.advance_clock('2020-01-07 15:00+00');
select trade.apply_corporate_actions('test');
select is(pg_temp.line('BBB'), '-80 25 2020-01-06', 'new shares at the old close divided by the split: the same value');
select is(pg_temp.line('DDD'), '0 100 2020-01-06', 'nothing of it held: what an order of it is worth today');
select results_eq($$select * from fixtures.place('[{"symbol": "DDD", "leg": "entry", "side": "BUY", "quantity": 100}]')$$,
    $$values ('DDD', 'REJECTED', 'price_freshness')$$, 'an order decided on the old price is refused');
select ops.advance_clock('2020-01-07 21:30+00');
select is(pg_temp.line('CCC'), '0 200 2020-01-06', 'a dividend divides nothing');
select is(pg_temp.line('BBB', '2020-01-07'), '-80 25 2020-01-07', 'a close of the ex-date is of new shares');

select * from finish();
rollback;
