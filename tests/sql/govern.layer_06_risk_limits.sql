-- Proves: layer 6, A14, I17, I20: every required limit evaluated, on a known number, not looser than in force, with a risk state;
-- what the protocol compares with pinned, too.
begin;
select plan(18);
select fixtures.fund();
create temp table opened as select o.cycle_id, o.run from fixtures.open() as o;
create function pg_temp.judged() returns text language sql as $$ select (v.verdict).verdict || ' ' || (v.verdict).reason_code from (select govern.layer_06_risk_limits(o.cycle_id, o.run) as verdict from opened as o) as v $$;
select g.layer from opened as o cross join lateral govern.open_gate(o.cycle_id, o.run) as g;
create function pg_temp.recorded(p_checks jsonb) returns void language sql as $$ select decide.record_risk(o.cycle_id, o.run, p_checks, fixtures.risk_state(), '[]') from opened as o $$;
select is(pg_temp.judged(), 'REFUSE RISK_STATE_MISSING', 'nothing recorded');
savepoint none;
select pg_temp.recorded(fixtures.checks());
select is(pg_temp.judged(), 'PASS LIMITS_EVALUATED', 'all twelve');
alter table decide.risk_states disable trigger all;
update decide.risk_states set run = 9;
select is(pg_temp.judged(), 'REFUSE RISK_STATE_MISSING', 'a risk state of another run is none');
rollback to none;
select pg_temp.recorded(fixtures.checks() - 7);
select is(pg_temp.judged(), 'REFUSE NOT_EVALUATED:var', 'one left out');
rollback to none;
select pg_temp.recorded(jsonb_set(jsonb_set(fixtures.checks(), '{7,threshold}', '0.041'), '{7,observed}', '0.04'));
select is(pg_temp.judged(), 'PASS LIMITS_EVALUATED', 'what was observed is within the number in force, too');
rollback to none;
select pg_temp.recorded(jsonb_set(jsonb_set(fixtures.checks(), '{7,threshold}', '0.041'), '{7,observed}', '0.0401'));
select is(pg_temp.judged(), 'REFUSE LOOSER_THAN_IN_FORCE:var', 'against a looser number');
rollback to none;
select pg_temp.recorded(jsonb_set(fixtures.checks(), '{7,threshold}', '0.03'));
select is(pg_temp.judged(), 'PASS LIMITS_EVALUATED', 'Python may only be stricter');
rollback to none;
select pg_temp.recorded(jsonb_set(fixtures.checks(), '{7,observed}', 'null'));
select is(pg_temp.judged(), 'REFUSE UNKNOWN_PASSED:var', 'an unknown number was let pass');
rollback to none;
select pg_temp.recorded(jsonb_set(jsonb_set(fixtures.checks(), '{7,observed}', 'null'), '{7,action}', '"REJECT"'));
select is(pg_temp.judged(), 'PASS LIMITS_EVALUATED', 'an unknown number that rejected is an evaluation');
rollback to none;
-- The limit of volatility is its target; what a run is held against is the breaker's multiple of it.
select pg_temp.recorded(jsonb_set(jsonb_set(fixtures.checks(), '{11,threshold}', '0.3'), '{11,observed}', '0.29'));
select is(pg_temp.judged(), 'PASS LIMITS_EVALUATED', 'volatility within twice its target');
rollback to none;
select pg_temp.recorded(jsonb_set(jsonb_set(fixtures.checks(), '{11,threshold}', '0.31'), '{11,observed}', '0.305'));
select is(pg_temp.judged(), 'REFUSE LOOSER_THAN_IN_FORCE:volatility', 'against a looser number');
rollback to none;
-- A correlation of too few names is none; how many there are is the run's own rows to say.
create function pg_temp.uncorrelated(p_names integer) returns void language sql as $$
    select pg_temp.recorded(jsonb_set(jsonb_set(fixtures.checks(), '{10,observed}', 'null'), '{10,reason}', '"TOO_FEW_NAMES"') || coalesce((
        select jsonb_agg(fixtures.checks() -> 0 || jsonb_build_object('scope', 'symbol', 'symbol', s))
        from unnest((array['AAA', 'BBB', 'CCC'])[1:p_names]) as s
    ), '[]'))
$$;
alter table govern.config_versions disable trigger all;
update govern.config_versions set parsed = '{"risk": {"correlation_names_min": 3}}';
savepoint few;
select pg_temp.uncorrelated(2);
select is(pg_temp.judged(), 'PASS LIMITS_EVALUATED', 'two names have no correlation');
rollback to few;
select pg_temp.uncorrelated(3);
select is(pg_temp.judged(), 'REFUSE UNKNOWN_PASSED:correlation', 'three have');
rollback to few;
update govern.config_versions set parsed = '{}';
select pg_temp.uncorrelated(2);
select is(pg_temp.judged(), 'REFUSE UNKNOWN_PASSED:correlation', 'a configuration that does not say how many are few');
rollback to none;
select pg_temp.recorded(fixtures.checks());
savepoint pinned;
select fixtures.pin('golden: 2', fixtures.limits() - 7);
select is(pg_temp.judged(), 'REFUSE LIMIT_MISSING:gross', 'a deleted limit');
rollback to pinned;
select fixtures.pin('golden: 3', (select jsonb_agg(l) from jsonb_array_elements(fixtures.limits()) as l where l ->> 'limit_name' <> 'tier_two_gross'));
select is(pg_temp.judged(), 'REFUSE LIMIT_MISSING:tier_two_gross', 'one no row of the run is about');
rollback to pinned;
select fixtures.pin('golden: 4', (select jsonb_agg(l) from jsonb_array_elements(fixtures.limits()) as l where l ->> 'limit_name' <> 'recovery_ramp_5_of_5'));
select is(pg_temp.judged(), 'REFUSE LIMIT_MISSING:recovery_ramp', 'a tier of the ramp');
rollback to pinned;
alter table govern.config_pins disable trigger all;
delete from govern.config_pins;
select is(pg_temp.judged(), 'REFUSE LIMIT_MISSING:correlation', 'no configuration, no limits');
select * from finish();
rollback;
