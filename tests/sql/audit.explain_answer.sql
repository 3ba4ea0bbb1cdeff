-- Proves: I26: the sentence for every way a cycle can end and every decision, from the document alone.
begin;
select plan(15);
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
    'Not sold toward 0.1235 from 0.1 (ONE, TWO): no order; shadow mode.', 'shadow');
select is(pg_temp.answer('{"state": "DONE"}', 'EXECUTE_BUY', '{}',
    '[{"leg": "entry", "side": "BUY", "quantity": 7, "state": "REJECTED", "refused_by": "gross", "average_price": null}]'),
    'Not bought toward 0.1235 from 0.1 (ONE, TWO): entry BUY 7 REJECTED by gross.', 'refused at placing');
create function pg_temp.ordered(p_order jsonb, p_decision text default 'EXECUTE_BUY') returns text language sql as $$
    select pg_temp.answer('{"state": "DONE"}', p_decision, '{}', jsonb_build_array(
        '{"leg": "entry", "side": "BUY", "quantity": 7, "state": "REJECTED", "refused_by": null, "average_price": null, "filled_quantity": null}'::jsonb || p_order
    ))
$$;
select is(pg_temp.ordered('{"events": [{"to": "SUBMITTED", "detail": null}, {"to": "REJECTED", "detail": {"reason": "403 insufficient buying power"}}]}'),
    'Not bought toward 0.1235 from 0.1 (ONE, TWO): entry BUY 7 REJECTED by the broker: 403 insufficient buying power.', 'refused by the broker, in its words');
select is(pg_temp.ordered('{"state": "EXPIRED", "side": "SELL", "events": [{"to": "EXPIRED", "detail": {"reason": "SESSION_OVER"}}]}', 'EXECUTE_SELL'),
    'Not sold toward 0.1235 from 0.1 (ONE, TWO): entry SELL 7 EXPIRED: SESSION_OVER.', 'over without a fill');
select is(pg_temp.ordered('{"state": "PENDING"}'), 'To be bought toward 0.1235 from 0.1 (ONE, TWO): entry BUY 7 PENDING.', 'waits');
select is(pg_temp.ordered('{"state": "SUBMITTED"}', 'EXECUTE_SELL'), 'To be sold toward 0.1235 from 0.1 (ONE, TWO): entry BUY 7 SUBMITTED.', 'on its way');
select is(pg_temp.ordered('{"state": "CANCELLED", "average_price": 10.5, "filled_quantity": 3, "events": [{"to": "CANCELLED", "detail": {"reason": "KILL"}}]}'),
    'Bought toward 0.1235 from 0.1 (ONE, TWO): entry BUY 7 CANCELLED with 3 at 10.5.', 'in part');
select is(pg_temp.ordered('{"state": "CANCELLED"}'), 'Not bought toward 0.1235 from 0.1 (ONE, TWO): entry BUY 7 CANCELLED.', 'without a reason');
select is(pg_temp.answer('{"state": "DONE"}', 'EXECUTE_BUY', '{}',
    '[{"leg": "exit", "side": "BUY", "quantity": 7, "state": "FILLED", "average_price": 10.5},
      {"leg": "stop", "side": "SELL", "quantity": 7, "state": "PENDING"}]'),
    'Bought toward 0.1235 from 0.1 (ONE, TWO): exit BUY 7 FILLED at 10.5.', 'filled; a stop is no part of the answer');
select * from finish();
rollback;
