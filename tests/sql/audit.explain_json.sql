-- Proves: I24, MQ450, MQ452: every symbol of every cycle is answered for, from its bar to its order: bought, refused, halted, unknown.
begin;
select plan(20);
select fixtures.fund();
select ops.engage_kill_switch('why');
select fixtures.cycle();
create temp table x (step text, symbol text, found jsonb);
grant select, insert on x to fund_analyst;
set local role fund_analyst;
insert into x select 'halted', s, audit.explain_json('last', s) from unnest(array['AAA', 'CCC']) as s;
select is(
    x.found ->> 'answer', 'Not traded: nothing was. Layer 1 (kill switch) refused the cycle: KILL_SWITCH.', x.symbol || ' in a halted cycle'
) from x order by x.symbol;
reset role;
select ops.clear_kill_source('row', '', 'x'), fixtures.resume();
create temp table o as select f.cycle_id, f.run from fixtures.open() as f;
select govern.open_gate(o.cycle_id, o.run) from o;
set local role fund_analyst;
select is(
    audit.explain_json('last', 'AAA') -> 'cycle' ->> 'state', 'HALTED', 'while the next run is open, the concluded one counts'
);
reset role;
select fixtures.results(o.cycle_id, o.run), fixtures.inputs(o.cycle_id, o.run) from o;
select trade.place_orders(o.cycle_id, o.run, '[{"symbol": "AAA", "leg": "entry", "side": "BUY", "quantity": "10"}]') from o;
select decide.record_decisions(o.cycle_id, o.run, fixtures.decisions(o.cycle_id, o.run)) from o;
select govern.conclude(o.cycle_id, o.run) from o;
select decide.close_run(o.cycle_id, o.run, 'DONE', null, 'DONE', 0, '{}') from o;
set local role fund_analyst;
insert into x select 'done', s, audit.explain_json('last', s) from unnest(array['AAA', 'BBB', 'CCC', 'DDD']) as s;
select is(x.found -> 'cycle' ->> 'run', '2', 'the DONE run') from x where x.step = 'done' and x.symbol = 'AAA';
select is(x.found ->> 'answer', 'To be bought toward 0 from - (INCREASE): entry BUY 10 PENDING.', 'to be bought')
from x where x.step = 'done' and x.symbol = 'AAA';
select is(x.found ->> 'answer', 'Not bought toward 0 from - (INCREASE): no order; paper mode.', 'decided, nothing to trade')
from x where x.step = 'done' and x.symbol = 'BBB';
select is(x.found ->> 'answer', 'Not traded: HISTORY_SHORT.', 'refused') from x where x.step = 'done' and x.symbol = 'CCC';
select is(x.found -> 'data' -> 'bar', 'null'::jsonb, 'no bar was known') from x where x.step = 'done' and x.symbol = 'DDD';
select is(x.found -> 'data' -> 'bar' ->> 'session', '2013-02-27', 'the bar') from x where x.step = 'done' and x.symbol = 'AAA';
select is(x.found -> 'inputs' -> 'features' ->> 'rsi_14', '55.5', 'the features it saw') from x
where x.step = 'done' and x.symbol = 'AAA';
select is(x.found -> 'inputs' -> 'quality', '{"vetoes": []}'::jsonb, 'what the score is made of') from x
where x.step = 'done' and x.symbol = 'AAA';
select is(x.found -> 'agents' -> 0 ->> 'score', '1.2', 'the view') from x where x.step = 'done' and x.symbol = 'AAA';
select is(jsonb_array_length(x.found -> 'risk' -> 'checks'), 12, 'the limits') from x where x.step = 'done' and x.symbol = 'AAA';
select is(x.found -> 'orders' -> 0 -> 'events' -> 0 ->> 'to', 'PENDING', 'its order''s events') from x
where x.step = 'done' and x.symbol = 'AAA';
select is(x.found -> 'cycle' -> 'config' ->> 'reason', 'fixture', 'the configuration in force') from x
where x.step = 'done' and x.symbol = 'AAA';
select is(
    (select array_agg(e ->> 'event' order by e ->> 'event') from jsonb_array_elements(x.found -> 'audit') as e),
    array['cycle.done', 'cycle.halted', 'cycle.opened', 'cycle.opened', 'order.placed'], 'and where the chain has it'
) from x where x.step = 'done' and x.symbol = 'AAA';
select is(jsonb_array_length(x.found -> 'audit'), 4, 'BBB has no order in the chain') from x where x.step = 'done' and x.symbol = 'BBB';
select throws_ok('select audit.explain_json(''last'', ''ZZZ'')', 'MQ452', null, 'no such instrument');
select throws_ok('select audit.explain_json(''last'', null)', 'MQ452', null, 'none at all');
select throws_ok('select audit.explain_json(''beef'', ''AAA'')', 'MQ450', null, 'no such cycle');
reset role;
select * from finish();
rollback;
