-- Proves: I19, C1: checks, state, regime and memory of a run, passed checks too; MQ204, MQ246, MQ500.
begin;
select plan(9);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
create function pg_temp.send(p_checks jsonb, p_state jsonb, p_symbols jsonb) returns void language sql as $$ select decide.record_risk(o.cycle_id, o.run, p_checks, p_state, p_symbols) from opened as o $$;
select lives_ok($$select pg_temp.send(fixtures.checks() || '[{"limit_name": "sector", "scope": "sector:Energy", "symbol": null, "observed": 0.1, "threshold": 0.15, "action": "ALLOW", "factor": 1, "binding": false, "reason": "WITHIN"}]', fixtures.risk_state(), '[{"symbol": "AAA", "entry_stop": 95, "stale_view_sessions": 0, "stopped_out_session": null}]')$$, 'recorded');
select is((select array_agg(c.check_number order by c.check_number) from decide.risk_checks as c), array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13], 'numbered by place');
select is((select c.scope from decide.risk_checks as c where c.check_number = 13), 'sector:Energy', 'with its scope');
select results_eq('select s.account, s.as_of_session, s.slot, s.state from decide.risk_states as s', $$values ('paper'::text, date '2013-02-27', 'close'::text, 'ALLOW'::text)$$, 'the state of the session and slot');
select is((select t.entry_stop from decide.symbol_states as t), 95::float8, 'memory');
select throws_ok($$select pg_temp.send('[]', fixtures.risk_state(), '[]')$$, '23505', null, 'once per run');
select throws_ok($$select pg_temp.send('[]', fixtures.risk_state() || '{"mood": 1}', '[]')$$, 'MQ204', null, 'an unknown key');
select throws_ok($$select pg_temp.send(jsonb_set(fixtures.checks(), '{0,symbol}', '"ZZZ"'), fixtures.risk_state(), '[]')$$, 'MQ246', null, 'a check of no input');
select throws_ok($$select pg_temp.send(null, fixtures.risk_state(), '[]')$$, 'MQ204', null, 'no batch');
select * from finish();
rollback;
