-- Proves: I17, I20: the numbers in force by their limits; a missing one is NULL.
begin;
select plan(3);
select fixtures.desk();
select is(to_jsonb(govern.protocol_numbers()), '{"drawdown_limit": 0.18, "drawdown_sessions": 10, "volatility_target": 0.15, "volatility_multiple": 2,
    "var_limit": 0.04, "var_multiple": 1.5, "cvar_limit": 0.06, "freeze_sessions": 10, "tiers": 5}'::jsonb, 'all nine');
alter table govern.limits disable trigger all;
insert into govern.limits select (jsonb_populate_record(l, '{"version": 2, "threshold": 20, "source": "tightened"}')).* from govern.limits as l where l.limit_name = 'freeze_sessions';
select is((govern.protocol_numbers()).freeze_sessions, 20::float8, 'a longer freeze is stricter');
delete from govern.limits where limit_name in ('var', 'recovery_ramp_1_of_5');
select is(jsonb_strip_nulls(to_jsonb(govern.protocol_numbers())) ?| array['var_limit', 'tiers'], false, 'what is missing is NULL');
select * from finish();
rollback;
