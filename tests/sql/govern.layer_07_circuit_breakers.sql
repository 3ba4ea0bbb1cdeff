-- Proves: layer 7, B2-B5, I17: a state softer than its figures demand, a breaker that was not applied, permissions that were loosened.
begin;
select plan(15);
select fixtures.desk();
alter table decide.risk_states disable trigger all;
create function pg_temp.judged(p_change text default 'state = state') returns text language plpgsql as $$
begin
    execute 'update decide.risk_states set ' || p_change;
    return (select (v.verdict).verdict || ' ' || (v.verdict).reason_code from (select govern.layer_07_circuit_breakers(repeat('1', 32), 1) as verdict) as v);
end;
$$;
savepoint s;
select is(pg_temp.judged(), 'PASS BREAKERS_HELD', 'a quiet day');
select is(pg_temp.judged('var_95 = 0.041'), 'REFUSE STATE_SOFTER_THAN_FIGURES', 'VaR above its limit is SCALE');
select is(pg_temp.judged($$state = 'SCALE'$$), 'PASS BREAKERS_HELD', 'named so it holds (tier one)');
select is(pg_temp.judged('var_95 = 0.061'), 'REFUSE TIER_TWO_NOT_APPLIED', 'VaR above 1.5 limits with soft 1');
select is(pg_temp.judged($$factors = '{"soft": 0.25}'$$), 'PASS BREAKERS_HELD', 'a quarter is what the breaker leaves (B3)');
select is(pg_temp.judged($$factors = '{"soft": null}'$$), 'REFUSE TIER_TWO_NOT_APPLIED', 'an unknown factor is none');
select is(pg_temp.judged($$state = 'REJECT'$$), 'PASS BREAKERS_HELD', 'where nothing increases there is nothing to quarter');
select is(pg_temp.judged($$state = 'SCALE', var_95 = 0.01, volatility = null$$), 'REFUSE TIER_TWO_NOT_APPLIED', 'an unknown volatility trips it, too');
rollback to s;
select is(pg_temp.judged('cvar_95 = null'), 'REFUSE STATE_SOFTER_THAN_FIGURES', 'an unknown CVaR rejects');
rollback to s;
select is(pg_temp.judged($$phase = 'DRAWDOWN'$$), 'REFUSE STATE_SOFTER_THAN_FIGURES', 'so does a drawdown window');
select is(pg_temp.judged($$phase = 'FREEZE', state = 'REJECT'$$), 'REFUSE STATE_SOFTER_THAN_FIGURES', 'a freeze is more than that');
select is(pg_temp.judged($$state = 'LIQUIDATE'$$), 'PASS BREAKERS_HELD', 'a client may only be stricter');
rollback to s;
update govern.state_permissions set allowed = true where state = 'FREEZE' and order_class = 'increase';
select is(pg_temp.judged(), 'REFUSE PERMISSIONS_CHANGED', 'a freeze that lets increases through');
rollback to s;
alter table govern.limits disable trigger all;
delete from govern.limits where limit_name = 'volatility';
select is(pg_temp.judged(), 'REFUSE LIMIT_MISSING', 'a deleted limit');
rollback to s;
delete from decide.risk_states;
select is(pg_temp.judged(), 'REFUSE RISK_STATE_MISSING', 'nothing recorded');
select * from finish();
rollback;
