-- govern.risk_limit_faults(cycle, run): one row per limit the stages must evaluate, with what is wrong with it; one besides per
-- limit that no row of a run is about and that is not pinned.
-- Why: a limit that was not evaluated, is missing, or let a missing number pass refuses (I17), and so does one taken looser than
-- the one in force, unless what was observed is within that, too (I20): a limit may be tightened after the stages read it. A
-- correlation of too few names is none (A14): it passes unknown where the run itself holds fewer names than that. What the
-- protocol and the kill switch compare with must be there, too.
-- The list is literal: a new limit of the stages is one more line. Called by: govern.layer_06_risk_limits. Raises: nothing.
create or replace function govern.risk_limit_faults(p_cycle_id text, p_run integer)
returns table (limit_name text, is_required boolean, fault text)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with required (limit_name) as (
        values ('name_concentration'), ('sector'), ('long'), ('short'), ('gross'), ('turnover'), ('drawdown'), ('var'),
            ('cvar_hard'), ('stress'), ('correlation'), ('volatility')
    ),

    pinned (limit_name) as (
        values ('cvar_decision'), ('kill_loss'), ('cvar_breaches'), ('drawdown_sessions'), ('freeze_sessions'),
            ('tier_two_var_multiple'), ('tier_two_volatility_multiple'), ('tier_two_gross')
    ),

    names as (
        select count(distinct c.symbol) < (v.parsed #>> '{risk,correlation_names_min}')::integer as too_few
        from govern.config_versions as v
            left join decide.risk_checks as c
                on c.cycle_id = p_cycle_id and c.run = p_run and c.limit_name = 'name_concentration' and c.observed > 0
        where v.config_sha256 = govern.pinned_config()
        group by v.parsed
    ),

    judged as (
        select
            r.limit_name,
            t.threshold,
            count(c.limit_name) as checks,
            coalesce(bool_or(
                c.observed is null and c.action = 'ALLOW' and (
                    r.limit_name = 'correlation' and c.reason = 'TOO_FEW_NAMES' and (select n.too_few from names as n)
                ) is not true
            ), false) as unknown_passed,
            coalesce(bool_or((case e.bound
                when 'upper' then least(c.threshold, c.observed) <= t.threshold
                else greatest(c.threshold, c.observed) >= t.threshold
            end) is not true), false) as looser
        from required as r
            left join govern.effective_limits as e on e.limit_name = r.limit_name
            -- The limit of volatility is its target; what a run is held against is the breaker's multiple of it (B3).
            cross join lateral (select e.threshold * case r.limit_name
                when 'volatility' then govern.effective_limit('tier_two_volatility_multiple') else 1 end as threshold) as t
            left join decide.risk_checks as c on c.limit_name = r.limit_name and c.cycle_id = p_cycle_id and c.run = p_run
        group by r.limit_name, t.threshold, e.bound
    ),

    final as (
        select
            j.limit_name, true as is_required,
            case
                when j.threshold is null then 'LIMIT_MISSING'
                when j.checks = 0 then 'NOT_EVALUATED'
                when j.looser then 'LOOSER_THAN_IN_FORCE'
                when j.unknown_passed then 'UNKNOWN_PASSED'
            end as fault
        from judged as j

        union all
        select p.limit_name, false, 'LIMIT_MISSING'
        from pinned as p
        where not exists (select 1 from govern.effective_limits as e where e.limit_name = p.limit_name)

        union all
        select 'recovery_ramp', false, 'LIMIT_MISSING' where govern.recovery_ramp() is null
    )

    select f.limit_name, f.is_required, f.fault from final as f
$$;
comment on function govern.risk_limit_faults(text, integer) is
'One row per limit the stages must evaluate, with its fault or NULL, and one per limit that only had to be pinned and is not.';
