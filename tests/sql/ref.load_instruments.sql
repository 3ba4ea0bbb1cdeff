-- Proves: an instrument quoted in anything but USD is no instrument (F8); its price basis is fixed by its stored bars;
-- a calendar has one benchmark.
begin;
select plan(11);
select fixtures.feed();

select is(ref.load_instruments('[{"symbol": "NEW", "name": "New", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "raw", 
        "tradable": true, "shortable": true, "is_benchmark": false}]'), 1, 'a new instrument is written');
select is(ref.load_instruments('[{"symbol": "NEW", "name": "New", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "raw", 
        "tradable": true, "shortable": true, "is_benchmark": false}]'), 0, 'the same again is not');
select is(ref.load_instruments('[{"symbol": "NEW", "name": "New", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "split_adjusted", 
        "tradable": true, "shortable": true, "is_benchmark": false}]'), 1, 'before any bar its basis may change');
select throws_ok($$select ref.load_instruments('[{"symbol": "NEW", "name": "New", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "EUR", "price_kind": "ohlcv", "price_basis": "raw", 
        "tradable": true, "shortable": true, "is_benchmark": false}]')$$, '23514', null, 'EUR is refused');
select throws_ok(
    $$select ref.load_instruments('[{"symbol": "A''''; DROP TABLE x;--", "name": "New", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "raw", 
        "tradable": true, "shortable": true, "is_benchmark": false}]')$$, '23514', null, 'a symbol that is none is refused'
);
select throws_ok($$select ref.load_instruments('[{"symbol": "aapl", "name": "New", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "raw", 
        "tradable": true, "shortable": true, "is_benchmark": false}]')$$, '23514', null, 'so is one in lower case');
select is(ref.load_instruments('[{"symbol": "BRK.B", "name": "New", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "raw", 
        "tradable": true, "shortable": true, "is_benchmark": false}]'), 1, 'a class stands after a point');
do $$ begin perform fixtures.take('raw_a', '[["2020-01-02", 10, 11, 9, 10, 5]]'); end $$;
select throws_ok(
    $$select ref.load_instruments('[{"symbol": "TST", "name": "Test", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "fully_adjusted", 
        "tradable": true, "shortable": true, "is_benchmark": false}]')$$, 'MQ104', null,
    'with a stored bar the basis is fixed'
);
select is(ref.load_instruments('[{"symbol": "TST", "name": "Renamed", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "raw", 
        "tradable": true, "shortable": true, "is_benchmark": false}]'), 1, 'the name is not');

do $$ begin
    perform ref.load_instruments('[{"symbol": "OLDX", "name": "Old", "asset_class": "index", "calendar": "XNYS",
        "currency": "USD", "price_kind": "close", "price_basis": "raw",
        "tradable": false, "shortable": false, "is_benchmark": true}]');
    perform ref.load_instruments('[{"symbol": "NEWX", "name": "New", "asset_class": "index", "calendar": "XNYS",
        "currency": "USD", "price_kind": "close", "price_basis": "raw",
        "tradable": false, "shortable": false, "is_benchmark": true}]');
end $$;
select is(
    array(select i.symbol from ref.instruments as i where i.is_benchmark and i.calendar = 'XNYS'), array['NEWX'],
    'a benchmark given displaces the one whose line is gone'
);
do $$ begin
    perform ref.load_instruments('[{"symbol": "ETFX", "name": "Etf", "asset_class": "etf", "calendar": "XNYS",
        "currency": "USD", "price_kind": "close", "price_basis": "raw",
        "tradable": false, "shortable": false, "is_benchmark": false}]');
end $$;
select is(
    array(select i.symbol from ref.instruments as i where i.is_benchmark and i.calendar = 'XNYS'), array['NEWX'],
    'where none is given it stays'
);

select * from finish();
rollback;
