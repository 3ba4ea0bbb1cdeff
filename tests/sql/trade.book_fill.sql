-- Proves: I9 (the fill and its cash, exact).
begin;
select plan(1);

select fixtures.released();

select trade.book_fill(o, 'x', 1.2345, 100.12345678, 0, 'raw', '2020-01-07', '2020-01-07 15:00+00') from trade.orders as o;
select trade.book_fill(o, 'y', 1, 50, 2, 'raw', '2020-01-07', '2020-01-07 15:00+00') from (select (jsonb_populate_record(q, '{"side": "SELL"}')).* from trade.orders as q) as o;
select results_eq($$select execution_id, kind, amount from trade.cash_ledger where execution_id is not null order by entry_id$$,
    $$values ('x', 'trade', -1.2345 * 100.12345678), ('y', 'trade', 50), ('y', 'fee', -2)$$, 'a purchase costs, a sale brings, a fee is a row of its own, none is none');

select * from finish();
rollback;
