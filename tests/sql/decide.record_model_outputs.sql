-- Proves: D5, D7: views within bounds, abstentions without numbers, inputs of the run only.
begin;
select plan(9);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select throws_ok('select decide.record_model_outputs(o.cycle_id, o.run, ''[]'') from opened as o', 'MQ245', null, 'not before the gate');
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
create function pg_temp.send(p_rows jsonb) returns integer language sql as $$ select decide.record_model_outputs(o.cycle_id, o.run, p_rows) from opened as o $$;
select is(pg_temp.send(fixtures.outputs()), 2, 'two views');
select results_eq('select m.account, m.symbol, m.mu, m.confidence, m.abstained from decide.model_outputs as m order by m.symbol',
    $$values ('paper'::text, 'AAA'::text, 0.03::float8, 0.8::float8, false), ('paper', 'BBB', 0.03, 0.8, false)$$, 'as sent');
select throws_ok('select pg_temp.send(fixtures.outputs())', '23505', null, 'a view once');
select throws_ok($$select pg_temp.send('[{"symbol": "CCC", "agent": "t", "score": 1, "mu": 1.01, "sigma": 0.2, "confidence": 1, "abstained": false, "reasons": []}]')$$, '23514', null, 'mu above 1 is refused, not clipped');
select throws_ok($$select pg_temp.send('[{"symbol": "CCC", "agent": "t", "score": 1, "mu": "NaN", "sigma": 0.2, "confidence": 1, "abstained": false, "reasons": []}]')$$, '23514', null, 'NaN');
select throws_ok($$select pg_temp.send('[{"symbol": "CCC", "agent": "t", "score": 1, "mu": 0.1, "sigma": 0.2, "confidence": 1, "abstained": true, "reasons": []}]')$$, '23514', null, 'an abstention has no numbers');
select throws_ok($$select pg_temp.send('[{"symbol": "ZZZ", "agent": "t", "abstained": true, "reasons": []}]')$$, 'MQ246', null, 'no input');
select throws_ok($$select pg_temp.send('[{"symbol": "AAA", "account": "other"}]')$$, 'MQ204', null, 'the account is not the client''s to give');
select * from finish();
rollback;
