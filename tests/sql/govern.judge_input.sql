-- Proves: I17, F5, F6: dbt may close a symbol, never open one; a missing number or limit closes.
begin;
select plan(14);
create function pg_temp.judged(p_classified text, p_reasons text[] default '{}', p_score float8 default 1, p_min float8 default 0.6, p_vetoed boolean default false, p_sessions integer default 10, p_sessions_min float8 default 5, p_stale integer default 0, p_stale_max float8 default 0, p_fault text default null)
returns text language sql as $$
    select j.state || ' ' || array_to_string(j.reasons, ',') from govern.judge_input(p_classified, p_reasons, p_score, p_min, p_vetoed, p_sessions, p_sessions_min, p_stale, p_stale_max, p_fault) as j
$$;
select is(pg_temp.judged('ACTIVE'), 'ACTIVE ', 'active');
select is(pg_temp.judged('DEGRADED', '{QUALITY_LOW}'), 'DEGRADED QUALITY_LOW', 'dbt degrades');
select is(pg_temp.judged('QUARANTINED', '{VETO_OHLC}'), 'QUARANTINED VETO_OHLC', 'dbt quarantines');
select is(pg_temp.judged('QUARANTINED'), 'QUARANTINED CLASSIFIED_QUARANTINED', 'never without a reason');
select is(pg_temp.judged(null), 'QUARANTINED NOT_CLASSIFIED', 'dbt says nothing');
select is(pg_temp.judged('ACTIVE', p_sessions => 4), 'DEGRADED HISTORY_SHORT', 'the gate counts fewer');
select is(pg_temp.judged('ACTIVE', p_sessions => 0), 'QUARANTINED NO_BARS', 'no bars');
select is(pg_temp.judged('ACTIVE', p_sessions_min => null), 'DEGRADED HISTORY_SHORT', 'no limit to compare with');
select is(pg_temp.judged('ACTIVE', p_stale => 1), 'QUARANTINED STALE', 'a session behind');
select is(pg_temp.judged('ACTIVE', p_stale_max => null), 'QUARANTINED STALE', 'no limit of staleness');
select is(pg_temp.judged('ACTIVE', p_score => 0.59), 'DEGRADED QUALITY_LOW', 'a low score');
select is(pg_temp.judged('ACTIVE', p_score => 0.6), 'ACTIVE ', '>= passes (D12)');
select is(pg_temp.judged('ACTIVE', p_score => null), 'QUARANTINED NO_QUALITY', 'no score');
select is(pg_temp.judged('ACTIVE', p_vetoed => true, p_fault => 'NO_FEATURES'), 'QUARANTINED VETOED,NO_FEATURES', 'a veto and no features');
select * from finish();
rollback;
