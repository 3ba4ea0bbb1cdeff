-- Proves: D14 (an order of old shares neither leaves nor rests over a split).
begin;
select plan(7);

select fixtures.desk();
select fixtures.place('[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": 100}, {"symbol": "BBB", "leg": "entry", "side": "BUY", "quantity": 10},
    {"symbol": "CCC", "leg": "entry", "side": "BUY", "quantity": 10}]');
select fixtures.done();
select trade.claim_orders('test', 'worker', 60, 1);
select trade.record_ack(fixtures.aaa(), 1, 'b-1');
select fixtures.action('AAA', '2020-01-07', 'split', 2);
select fixtures.action('BBB', '2020-01-07', 'split', 2);
select fixtures.action('DDD', '2020-01-07', 'split', 2);
select fixtures.action('CCC', '2020-01-07', 'dividend', 1.01, 2);
select is(trade.cancel_over_splits('test'), '[]'::jsonb, 'not before the split is known');
select ops.advance_clock('2020-01-07 20:59+00');
select is(jsonb_array_length(trade.cancel_over_splits('test')), 2, 'two orders count old shares');
select results_eq($$select symbol, state from trade.orders order by 1$$, $$values ('AAA', 'ACKNOWLEDGED'), ('BBB', 'CANCELLED'), ('CCC', 'PENDING')$$,
    'what never left ends here, a dividend ends nothing');
select results_eq($$select client_order_id, reason from trade.order_requests$$, $$select fixtures.aaa(), 'SPLIT'$$, 'what is at the broker is asked for');
select is(trade.cancel_over_splits('test'), '[]'::jsonb, 'once');
update decide.cycle_runs set state = 'OPEN';
alter table decide.cycle_inputs disable trigger all;
update decide.cycle_inputs set last_close = 5 where symbol = 'DDD';
select results_eq($$select * from fixtures.place('[{"symbol": "DDD", "leg": "entry", "side": "BUY", "quantity": 100}]')$$,
    $$values ('DDD', 'PENDING', null)$$, 'after the opening another is placed');
select is(trade.cancel_over_splits('test'), '[]'::jsonb, 'which counts new shares');

select * from finish();
rollback;
