-- Proves: instruments and spells are written together or not at all.
begin;
select plan(6);
select fixtures.feed();

select results_eq(
    $$select * from ref.load_universe('[{"symbol": "NEW", "name": "New", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "raw", 
        "tradable": true, "shortable": true, "is_benchmark": false}]', '[{"symbol": "NEW", "sector": "Energy", "valid_from": "2020-01-02"}]')$$,
    $$values (1, 1)$$, 'both are written'
);
select results_eq(
    $$select * from ref.load_universe('[{"symbol": "NEW", "name": "New", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "raw", 
        "tradable": true, "shortable": true, "is_benchmark": false}]', '[{"symbol": "NEW", "sector": "Energy", "valid_from": "2020-01-02"}]')$$,
    $$values (0, 0)$$, 'twice is once'
);
select throws_ok(
    $$select * from ref.load_universe('[{"symbol": "OTHER", "name": "New", "asset_class": "equity", "calendar": "XNYS", 
        "currency": "USD", "price_kind": "ohlcv", "price_basis": "raw", 
        "tradable": true, "shortable": true, "is_benchmark": false}]', '[{"symbol": "NEW", "sector": "Energy", "valid_from": "2020-01-03"}]')$$,
    'MQ106', null, 'an overlap refuses the whole'
);
select is((select count(*) from ref.instruments where symbol = 'OTHER'), 0::bigint, 'and leaves no instrument behind');
select lives_ok(
    $$set local role fund_ingestor; select * from ref.load_universe('[]', '[]'); reset role$$, 'fund_ingestor may call it'
);
select throws_ok(
    $$set local role fund_ingestor; select ref.load_spells('[]')$$, '42501', null, 'and only it, not its parts'
);

select * from finish();
rollback;
