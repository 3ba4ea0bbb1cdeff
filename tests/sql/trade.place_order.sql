-- Proves: I16 (the single form is the batch with one element).
begin;
select plan(3);

select fixtures.desk();
select results_eq(
    $$select symbol, state, refused_by from trade.place_order(repeat('1', 32), 1, '{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 600}')$$,
    $$values ('AAA', 'PENDING', null)$$, 'one order'
);
select results_eq(
    $$select symbol, state, refused_by from trade.place_order(repeat('1', 32), 1, '{"symbol": "AAA", "leg": "hedge", "side": "BUY", "quantity": 500}')$$,
    $$values ('AAA', 'REJECTED', 'name_concentration')$$, 'a second call counts the first'
);
select throws_ok($$select trade.place_order(repeat('1', 32), 1, '[]')$$, 'MQ304', null, 'an array is no intent');

select * from finish();
rollback;
