-- Proves: I9, I16, HELD (positions, live orders, price and sector of every symbol).
begin;
select plan(4);

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
select is(trade.order_book('none', '2020-01-06', '{}'), '{}', 'an empty book is empty, not NULL');
select is(l.price_session, date '2020-01-06', 'a bar not known yet is not seen') from unnest(trade.order_book('test', '2020-01-09', array['CCC'])) as l where l.symbol = 'CCC';

select * from finish();
rollback;
