-- Proves: a paper fill knows no price the market had not shown.
begin;
select plan(3);

select fixtures.desk();
select is_empty($$select * from trade.session_bar('AAA', '2020-01-07')$$, 'not before the bar is known');
select ops.advance_clock('2020-01-07 21:00+00');
select results_eq($$select open, close, price_kind, price_basis from trade.session_bar('AAA', '2020-01-07')$$,
    $$values (100::double precision, 100::double precision, 'ohlcv', 'raw')$$, 'from then on');
select is_empty($$select * from trade.session_bar('ZZZ', '2020-01-07')$$, 'no bar, no row');

select * from finish();
rollback;
