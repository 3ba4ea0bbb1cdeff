-- Proves: I17 (a layer's verdict is a row; nothing is stored by asking; a layer that says nothing refuses).
begin;
select plan(5);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select is((select array_agg(v.layer) from opened as o cross join lateral govern.judge_layers(o.cycle_id, o.run, array[11, 1, 7]) as v), array[11, 1, 7], 'asked in the order given');
select is((select count(*)::integer from decide.gate_verdicts), 0, 'and not stored');
select is((select string_agg(v.verdict || ' ' || v.reason_code, ', ') from opened as o cross join lateral govern.judge_layers(o.cycle_id, o.run, array[1, 2]) as v),
    'PASS NOT_ENGAGED, REFUSE NO_ACTIVE_SYMBOL', 'each says its own');
create or replace function govern.layer_07_circuit_breakers(p_cycle_id text, p_run integer) returns govern.verdict language sql as 'select null::govern.verdict';
select is((select v.verdict || ' ' || v.reason_code from opened as o cross join lateral govern.judge_layers(o.cycle_id, o.run, array[7]) as v), 'REFUSE NO_VERDICT', 'silence refuses');
set local role fund_decider;
select throws_ok($$select govern.judge_layers('x', 1, array[1])$$, '42501', null, 'no client asks by itself');
reset role;
select * from finish();
rollback;
