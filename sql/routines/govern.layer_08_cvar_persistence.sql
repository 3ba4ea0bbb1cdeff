-- govern.layer_08_cvar_persistence(cycle, run): PASS while the CVaR breaches in a row are fewer than those that kill (B6).
-- What: reaching the number refuses with exit 11, and decide.close_run engages the kill source `cvar` in the run's own
-- transaction (I14).
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_08_cvar_persistence(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with counted as (
        select l.breaches_to_kill, s.cvar_breaches, s.cvar_post_trade
        from (select govern.effective_limit('cvar_breaches') as breaches_to_kill) as l
            left join decide.risk_states as s on s.cycle_id = p_cycle_id and s.run = p_run
    ),

    final as (
        select
            case
                when c.cvar_breaches is null then 'RISK_STATE_MISSING'
                when c.breaches_to_kill is null then 'LIMIT_MISSING'
                when (c.cvar_breaches < c.breaches_to_kill) is not true then 'CVAR_PERSISTENCE'
            end as fault,
            to_jsonb(c) as evidence
        from counted as c
    )

    select govern.make_verdict(
        8, case when f.fault is null then 'PASS' else 'REFUSE' end, coalesce(f.fault, 'BELOW_COUNT'), f.evidence
    )
    from final as f
$$;
comment on function govern.layer_08_cvar_persistence(text, integer) is
'Layer 8: the CVaR breaches in a row are fewer than those that kill (B6).';
