-- Proves: I26: the sentence for every way a cycle can end and every decision, from the document alone.
begin;
select plan(9);
create function pg_temp.answer(p_cycle jsonb, p_decision text, p_inputs jsonb default '{}', p_orders jsonb default '[]')
returns text language sql as $$
    select audit.explain_answer(jsonb_build_object(
        'cycle', '{"run": 3, "as_of_session": "2020-01-06", "account": "test", "mode": "shadow", "reason": "LEASE",
            "verdicts": [{"layer": 2, "layer_name": "data governance", "reason": "EMPTY"}]}'::jsonb || p_cycle,
        'inputs', p_inputs, 'orders', p_orders,
        'decision', case when p_decision is not null then jsonb_build_object(
            'final_decision', p_decision, 'position_size', 0.123456, 'reason_codes', '["ONE", "TWO"]'::jsonb, 'held', '{"weight": 0.1}'::jsonb
        ) end
    ))
$$;
select is(pg_temp.answer('{"state": "FAILED"}', null),
    'No decision: run 3 of the cycle failed (LEASE); a run decides everything or nothing.', 'failed');
select is(pg_temp.answer('{"state": "OPEN", "reason": null}', null),
    'No decision: run 3 of the cycle is still open (no reason yet); a run decides everything or nothing.', 'open');
select is(pg_temp.answer('{"state": "DONE"}', null, 'null'),
    'Not considered: neither in the universe on 2020-01-06 nor held by test.', 'not active');
select is(pg_temp.answer('{"state": "HALTED", "layer": 2}', 'REJECT'),
    'Not traded: nothing was. Layer 2 (data governance) refused the cycle: EMPTY.', 'halted');
select is(pg_temp.answer('{"state": "DONE"}', 'REJECT'), 'Not traded: ONE, TWO.', 'rejected');
select is(pg_temp.answer('{"state": "DONE"}', 'HOLD'), 'Left as it is at 0.1235: ONE, TWO.', 'held');
select is(pg_temp.answer('{"state": "DONE"}', 'EXECUTE_SELL'),
    'Sold toward 0.1235 from 0.1 (ONE, TWO): no order; shadow mode.', 'shadow');
select is(pg_temp.answer('{"state": "DONE"}', 'EXECUTE_BUY', '{}',
    '[{"leg": "entry", "side": "BUY", "quantity": 7, "state": "REJECTED", "refused_by": "gross", "average_price": null}]'),
    'Bought toward 0.1235 from 0.1 (ONE, TWO): entry BUY 7 REJECTED by gross.', 'refused at placing');
select is(pg_temp.answer('{"state": "DONE"}', 'EXECUTE_BUY', '{}',
    '[{"leg": "exit", "side": "BUY", "quantity": 7, "state": "FILLED", "average_price": 10.5},
      {"leg": "stop", "side": "SELL", "quantity": 7, "state": "PENDING"}]'),
    'Bought toward 0.1235 from 0.1 (ONE, TWO): exit BUY 7 FILLED at 10.5.', 'filled; a stop is no part of the answer');
select * from finish();
rollback;
