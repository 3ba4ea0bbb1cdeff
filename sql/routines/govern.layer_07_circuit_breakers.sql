-- govern.layer_07_circuit_breakers(cycle, run): PASS where the state recorded is at least as severe as the figures demand
-- (B2-B5), tier two was applied, and what the states let through is still ruling B5.
-- What: FREEZE in a freeze; REJECT in a drawdown window or where VaR or CVaR is unknown; RECOVERY on the ramp; SCALE above a
-- limit on VaR or CVaR. Tier two while increases may pass: factor `soft` at most tier_two_gross (B3). LIQUIDATE and KILL are
-- not of a run: govern.account_state and ops.kill_engaged are asked beside it.
-- Why: the named state is what placing and release go by (govern.state_permissions), and it was the client's to name.
-- Called by: govern.judge_layers. Raises: nothing.
create or replace function govern.layer_07_circuit_breakers(p_cycle_id text, p_run integer)
returns govern.verdict
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    with severities as (
        select s.state, s.severity
        from unnest(array['ALLOW', 'SCALE', 'RECOVERY', 'REJECT', 'FREEZE', 'LIQUIDATE', 'KILL'])
            with ordinality as s (state, severity)
    ),

    judged as (
        select
            s.state, s.factors,
            n.var_limit is not null and n.var_multiple is not null and n.cvar_limit is not null and n.drawdown_limit is not null
            and n.drawdown_sessions is not null and n.volatility_target is not null and n.volatility_multiple is not null
            and g.gross is not null as numbered,
            case
                when s.phase is null then null
                when s.phase = 'FREEZE' then 'FREEZE'
                when s.phase = 'DRAWDOWN' or s.var_95 is null or s.cvar_95 is null then 'REJECT'
                when s.phase = 'RECOVERY' then 'RECOVERY'
                when not govern.is_within(s.var_95, n.var_limit) or not govern.is_within(s.cvar_95, n.cvar_limit) then 'SCALE'
                else 'ALLOW'
            end as demanded,
            not govern.is_within(s.var_95, n.var_multiple * n.var_limit)
            or not govern.is_within(s.volatility, n.volatility_multiple * n.volatility_target) as tier_two,
            (s.factors ->> 'soft')::double precision as soft, g.gross as tier_two_gross
        from govern.protocol_numbers() as n
            cross join (select govern.effective_limit('tier_two_gross') as gross) as g
            left join decide.risk_states as s on s.cycle_id = p_cycle_id and s.run = p_run
    ),

    final as (
        select
            case
                when j.demanded is null then 'RISK_STATE_MISSING'
                when not j.numbered then 'LIMIT_MISSING'
                when (r.severity >= d.severity) is not true then 'STATE_SOFTER_THAN_FIGURES'
                when j.tier_two and r.severity < 4 and not govern.is_within(j.soft, j.tier_two_gross) then 'TIER_TWO_NOT_APPLIED'
                when not govern.permissions_hold() then 'PERMISSIONS_CHANGED'
            end as fault,
            to_jsonb(j) - array['factors', 'numbered'] as evidence
        from judged as j
            left join severities as r on r.state = j.state
            left join severities as d on d.state = j.demanded
    )

    select govern.make_verdict(
        7, case when f.fault is null then 'PASS' else 'REFUSE' end, coalesce(f.fault, 'BREAKERS_HELD'), f.evidence
    )
    from final as f
$$;
comment on function govern.layer_07_circuit_breakers(text, integer) is
'Layer 7: the state recorded is at least as severe as the figures demand, tier two was applied, and the permissions are B5''s.';
