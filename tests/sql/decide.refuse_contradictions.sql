-- Proves: F18: only ACTIVE symbols trade; a refusing run rejects all; the gates fields are the gates.
begin;
select plan(8);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
create function pg_temp.sent(p_path text[], p_value jsonb, p_halt integer default null) returns void language sql as $$
    select decide.refuse_contradictions(o.cycle_id, o.run, jsonb_set(r.sorted, p_path, p_value)) from opened as o
        cross join lateral (select jsonb_agg(e.value order by e.value ->> 'symbol') as sorted from jsonb_array_elements(fixtures.decisions(o.cycle_id, o.run, p_halt)) as e (value)) as r
$$;
select lives_ok($$select pg_temp.sent('{0,metadata}', '{}')$$, 'in order');
select throws_ok($$select pg_temp.sent('{0,data_quality_score}', '0.99')$$, 'MQ247', null, 'another score');
select throws_ok($$select pg_temp.sent('{0,provider_confidence}', 'null')$$, 'MQ247', null, 'no provider confidence');
select throws_ok($$select pg_temp.sent('{0,timestamp}', '"2013-02-27T21:31:00Z"')$$, 'MQ247', null, 'another instant');
select throws_ok($$select pg_temp.sent('{2,final_decision}', '"EXECUTE_BUY"')$$, 'MQ247', null, 'a QUARANTINED symbol is bought');
select govern.record_verdict(o.cycle_id, o.run, govern.make_verdict(5, 'REFUSE', 'NO_VALID_AGENT', null)) from opened as o;
select throws_ok($$select pg_temp.sent('{0,metadata}', '{}')$$, 'MQ247', null, 'a refusing run buys');
select lives_ok($$select pg_temp.sent('{0,metadata}', '{}', 5)$$, 'it rejects');
select throws_ok($$select pg_temp.sent('{0,reason_codes}', '["BECAUSE"]', 5)$$, 'MQ247', null, 'and says HALT_<layer>');
select * from finish();
rollback;
